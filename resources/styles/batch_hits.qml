<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis labelsEnabled="0" styleCategories="Symbology|MapTips" version="3.22.16">
 <renderer-v2 referencescale="-1" enableorderby="0" type="categorizedSymbol" attr="coalesce(attribute('match'), '')" symbollevels="0" forceraster="0">
  <categories>
   <category render="true" type="string" symbol="0" value="strong" label="strong match" />
   <category render="true" type="string" symbol="1" value="likely" label="likely match" />
   <category render="true" type="string" symbol="2" value="weak" label="weak match" />
   <category render="true" type="string" symbol="3" value="none" label="no match" />
   <category render="true" type="string" symbol="4" value="" label="not judged yet" />
  </categories>
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
   <symbol alpha="0.7" type="fill" force_rhr="0" name="2" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.0" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="207,216,220,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.4" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="0.5" type="fill" force_rhr="0" name="3" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.86" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="144,164,174,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.26" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="0.75" type="fill" force_rhr="0" name="4" clip_to_extent="1">
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
  </symbols>
 </renderer-v2>
 <mapTip>&lt;b&gt;[% replace(replace("query", '&amp;', '&amp;amp;'), '&lt;', '&amp;lt;') %]&lt;/b&gt;, rank [% "rank" %]</mapTip>
</qgis>
