<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis labelsEnabled="0" styleCategories="Symbology|MapTips" version="3.22.16">
 <renderer-v2 referencescale="-1" enableorderby="0" type="graduatedSymbol" attr="rank" symbollevels="0" forceraster="0" graduatedMethod="GraduatedColor">
  <ranges>
   <range label="ranks 1 – 3" lower="0.5" render="true" upper="3.5" symbol="0" />
   <range label="ranks 4 – 10" lower="3.5" render="true" upper="10.5" symbol="1" />
   <range label="ranks 11 – 20" lower="10.5" render="true" upper="20.5" symbol="2" />
   <range label="rank 21 and below" lower="20.5" render="true" upper="1000000.5" symbol="3" />
  </ranges>
  <symbols>
   <symbol alpha="1" type="fill" force_rhr="0" name="0" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="2.0" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,23,68,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.4" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="0.9" type="fill" force_rhr="0" name="1" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.5" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,23,68,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.9" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="0.75" type="fill" force_rhr="0" name="2" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.1" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,23,68,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.5" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="0.55" type="fill" force_rhr="0" name="3" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.9" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,23,68,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.26" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <mapTip>&lt;b&gt;[% "query" %]&lt;/b&gt;, rank [% "rank" %]</mapTip>
</qgis>
