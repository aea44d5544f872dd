<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis labelsEnabled="1" styleCategories="Symbology|Labeling|MapTips" version="3.22.16">
 <renderer-v2 referencescale="-1" enableorderby="1" type="categorizedSymbol" attr="coalesce(attribute('match'), '')" symbollevels="0" forceraster="0">
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
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="1" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,23,68,60" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="4" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.7" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,23,68,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="1" type="fill" force_rhr="0" name="1" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="1" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,145,0,60" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="3.2" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.5" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,145,0,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.8" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="1" type="fill" force_rhr="0" name="2" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="1" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="207,216,220,60" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.8" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.0" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="207,216,220,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.45" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="1" type="fill" force_rhr="0" name="3" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="1" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="144,164,174,60" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.2" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.8" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="144,164,174,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.3" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
   <symbol alpha="1" type="fill" force_rhr="0" name="4" clip_to_extent="1">
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="1" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,234,0,60" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="2.4" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="0,0,0,190" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="1.3" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
    <layer enabled="1" locked="0" class="SimpleLine" pass="0">
     <Option type="Map">
      <Option type="QString" name="capstyle" value="square" />
      <Option type="QString" name="draw_inside_polygon" value="0" />
      <Option type="QString" name="joinstyle" value="miter" />
      <Option type="QString" name="line_color" value="255,234,0,255" />
      <Option type="QString" name="line_style" value="solid" />
      <Option type="QString" name="line_width" value="0.6" />
      <Option type="QString" name="line_width_unit" value="MM" />
     </Option>
    </layer>
   </symbol>
  </symbols>
  <orderby>
   <orderByClause asc="0" nullsFirst="0">"rank"</orderByClause>
  </orderby>
 </renderer-v2>
 <labeling type="simple">
  <settings calloutType="simple">
   <text-style textOpacity="1" allowHtml="0" previewBkgrdColor="255,255,255,255" isExpression="1" fontItalic="0" fontWeight="75" namedStyle="" fontUnderline="0" capitalization="0" fieldName="&quot;rank&quot;" fontSize="9" useSubstitutions="0" textOrientation="horizontal" fontWordSpacing="0" blendMode="0" fontSizeUnit="Point" legendString="Aa" fontFamily="Open Sans" multilineHeight="1" fontLetterSpacing="0" fontStrikeout="0" fontKerning="1" textColor="16,16,16,255">
    <families />
    <background shapeOffsetUnit="MM" shapeRotationType="0" shapeSizeUnit="MM" shapeSVGFile="" shapeDraw="1" shapeOffsetY="0" shapeBorderWidth="0.25" shapeSizeType="0" shapeSizeX="0.8" shapeSizeY="0.1" shapeRadiiUnit="MM" shapeBorderWidthUnit="MM" shapeOpacity="1" shapeBlendMode="0" shapeRadiiX="0.6" shapeType="0" shapeRotation="0" shapeJoinStyle="64" shapeRadiiY="0.6" shapeOffsetX="0" shapeBorderColor="16,16,16,255" shapeFillColor="255,23,68,255">
     <symbol alpha="1" type="fill" force_rhr="0" name="fillSymbol" clip_to_extent="1">
      <layer enabled="1" locked="0" class="SimpleFill" pass="0">
       <Option type="Map">
        <Option type="QString" name="color" value="255,234,0,255" />
        <Option type="QString" name="joinstyle" value="bevel" />
        <Option type="QString" name="offset" value="0,0" />
        <Option type="QString" name="offset_unit" value="MM" />
        <Option type="QString" name="outline_color" value="16,16,16,255" />
        <Option type="QString" name="outline_style" value="solid" />
        <Option type="QString" name="outline_width" value="0.25" />
        <Option type="QString" name="outline_width_unit" value="MM" />
        <Option type="QString" name="style" value="solid" />
       </Option>
      </layer>
     </symbol>
    </background>
    <dd_properties>
     <Option type="Map">
      <Option type="QString" name="name" value="" />
      <Option name="properties" />
      <Option type="QString" name="type" value="collection" />
     </Option>
    </dd_properties>
   </text-style>
   <text-format useMaxLineLengthForAutoWrap="1" autoWrapLength="0" multilineAlign="3" addDirectionSymbol="0" leftDirectionSymbol="&lt;" formatNumbers="0" placeDirectionSymbol="0" wrapChar="" decimals="3" plussign="0" rightDirectionSymbol="&gt;" reverseDirectionSymbol="0" />
   <placement xOffset="1" maxCurvedCharAngleOut="-25" centroidInside="0" lineAnchorPercent="0.5" placement="1" yOffset="1" rotationAngle="0" geometryGeneratorType="PointGeometry" quadOffset="8" repeatDistanceUnits="MM" offsetUnits="MM" fitInPolygonOnly="0" priority="5" rotationUnit="AngleDegrees" lineAnchorClipping="0" centroidWhole="0" dist="0" overrunDistanceUnit="MM" geometryGenerator="point_n(exterior_ring($geometry), 1)" predefinedPositionOrder="TR,TL,BR,BL,R,L,TSR,BSR" polygonPlacementFlags="2" maxCurvedCharAngleIn="25" geometryGeneratorEnabled="1" distUnits="MM" layerType="UnknownGeometry" placementFlags="10" lineAnchorType="0" repeatDistance="0" offsetType="0" preserveRotation="1" overrunDistance="0" />
   <rendering labelPerPart="0" drawLabels="1" upsidedownLabels="0" zIndex="0" obstacle="0" unplacedVisibility="0" fontMaxPixelSize="10000" minFeatureSize="0" fontMinPixelSize="0" obstacleType="1" maxNumLabels="2000" scaleMax="0" scaleVisibility="0" mergeLines="0" scaleMin="0" limitNumLabels="0" fontLimitPixelSize="0" obstacleFactor="1" displayAll="0" />
   <dd_properties>
    <Option type="Map">
     <Option type="QString" name="name" value="" />
     <Option type="Map" name="properties">
      <Option type="Map" name="Priority">
       <Option type="bool" name="active" value="true" />
       <Option type="QString" name="expression" value="max(0, 10 - &quot;rank&quot; / 4.0)" />
       <Option type="int" name="type" value="3" />
      </Option>
      <Option type="Map" name="ShapeFillColor">
       <Option type="bool" name="active" value="true" />
       <Option type="QString" name="expression" value="CASE WHEN attribute('match') = 'strong' THEN '#ff1744' WHEN attribute('match') = 'likely' THEN '#ff9100' WHEN attribute('match') = 'weak' THEN '#cfd8dc' WHEN attribute('match') = 'none' THEN '#90a4ae' ELSE '#ffea00' END" />
       <Option type="int" name="type" value="3" />
      </Option>
      <Option type="Map" name="ZIndex">
       <Option type="bool" name="active" value="true" />
       <Option type="QString" name="expression" value="-&quot;rank&quot;" />
       <Option type="int" name="type" value="3" />
      </Option>
     </Option>
     <Option type="QString" name="type" value="collection" />
    </Option>
   </dd_properties>
  </settings>
 </labeling>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <mapTip>&lt;b&gt;[% "rank" %]&lt;/b&gt; · [% replace(replace("query", '&amp;', '&amp;amp;'), '&lt;', '&amp;lt;') %]&lt;br&gt;[% coalesce('match ' || replace(replace(attribute('match'), '&amp;', '&amp;amp;'), '&lt;', '&amp;lt;') || ' · ', '') %][% round("scale_m") %] m</mapTip>
 <layerGeometryType>2</layerGeometryType>
</qgis>
