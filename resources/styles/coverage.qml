<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis labelsEnabled="0" styleCategories="Symbology|MapTips" version="3.22.16">
 <renderer-v2 referencescale="-1" enableorderby="0" type="categorizedSymbol" attr="state" symbollevels="0" forceraster="0">
  <categories>
   <category label="indexed" value="indexed" render="true" symbol="0" />
   <category label="not indexed" value="missing" render="true" symbol="1" />
  </categories>
  <symbols>
   <symbol alpha="1" type="fill" force_rhr="0" name="0" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleFill" pass="0">
     <Option type="Map">
      <Option type="QString" name="color" value="0,229,160,32" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="outline_color" value="0,229,160,255" />
      <Option type="QString" name="outline_style" value="solid" />
      <Option type="QString" name="outline_width" value="0.8" />
      <Option type="QString" name="outline_width_unit" value="MM" />
      <Option type="QString" name="style" value="solid" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="1" type="fill" force_rhr="0" name="1" clip_to_extent="1">
    <layer enabled="1" locked="0" class="LinePatternFill" pass="0">
     <Option type="Map">
      <Option type="QString" name="angle" value="45" />
      <Option type="QString" name="distance" value="2.4" />
      <Option type="QString" name="distance_unit" value="MM" />
      <Option type="QString" name="line_width" value="0.4" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
     <symbol alpha="1" type="line" force_rhr="0" name="@1@0" clip_to_extent="1">
      <layer enabled="1" locked="0" class="SimpleLine" pass="0">
       <Option type="Map">
        <Option type="QString" name="line_color" value="255,145,0,200" />
        <Option type="QString" name="line_style" value="solid" />
        <Option type="QString" name="line_width" value="0.4" />
        <Option type="QString" name="line_width_unit" value="MM" />
       </Option>
      </layer>
     </symbol>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="line_color" value="255,145,0,230" />
      <Option type="QString" name="line_style" value="dash" />
      <Option type="QString" name="line_width" value="0.5" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <mapTip>[% CASE WHEN "state" = 'indexed' THEN 'indexed at ' || "scale" || ': ' || "tiles" || ' tiles' ELSE 'not indexed' END %]</mapTip>
</qgis>
