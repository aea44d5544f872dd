<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis labelsEnabled="0" styleCategories="Symbology|MapTips" version="3.22.16">
 <renderer-v2 referencescale="-1" enableorderby="0" type="singleSymbol" symbollevels="0" forceraster="0">
  <symbols>
   <symbol alpha="1" type="fill" force_rhr="0" name="0" clip_to_extent="1">
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
      <Option type="QString" name="line_width" value="0.8" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <mapTip>&lt;b&gt;[% "query" %]&lt;/b&gt;, rank [% "rank" %]</mapTip>
</qgis>
