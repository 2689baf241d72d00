package io.keelson.apiserver.openapi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The protobuf messages that OpenAPI documents may be had as, those of the gnostic project, as far as the API's documents
 * use them. In the tables a line is a message:
 *
 * <ul>
 *   <li>{@code Info title:string=1} has the JSON field {@code title} as its field 1; {@code *} marks repeated ones;
 *   <li>{@code Schema!31} has the fields that begin with {@code x-} as names with values in its field 31;
 *   <li>{@code {Schema}=1} has all other fields, whatever they are called, as names with values in its field 1;
 *   <li>{@code [string]=1} is not an object: it, or each of its elements if it is a list, is in its field 1;
 *   <li>{@code ?in=query:Query=3} is one of several; this one if the JSON object's field {@code in} is {@code query},
 *       {@code ?$ref:…} if it has that field, {@code ?number:…} if it is of that type, {@code ?:…} otherwise.
 * </ul>
 */
record GnosticMessages(Map<String, Message> messages) {
    static final GnosticMessages V2 = parse("""
            AdditionalPropertiesItem ?boolean:bool=2 ?:Schema=1
            ApiKeySecurity!5 type:string=1 name:string=2 in:string=3 description:string=4
            BodyParameter!6 description:string=1 name:string=2 in:string=3 required:bool=4 schema:Schema=5
            Definitions {Schema}=1
            Document!16 swagger:string=1 info:Info=2 host:string=3 basePath:string=4 schemes:string*=5 \
            consumes:string*=6 produces:string*=7 paths:Paths=8 definitions:Definitions=9 \
            parameters:ParameterDefinitions=10 security:SecurityRequirement*=12 \
            securityDefinitions:SecurityDefinitions=13
            Info!7 title:string=1 version:string=2 description:string=3
            ItemsItem [Schema]=1
            JsonReference $ref:string=1 description:string=2
            NonBodyParameter ?in=header:SimpleParameter=1 ?in=query:QueryParameter=3 ?in=path:SimpleParameter=4
            Operation!13 tags:string*=1 summary:string=2 description:string=3 operationId:string=5 produces:string*=6 \
            consumes:string*=7 parameters:ParametersItem*=8 responses:Responses=9 schemes:string*=10 deprecated:bool=11 \
            security:SecurityRequirement*=12
            Parameter ?in=body:BodyParameter=1 ?:NonBodyParameter=2
            ParameterDefinitions {Parameter}=1
            ParametersItem ?$ref:JsonReference=2 ?:Parameter=1
            PathItem!10 $ref:string=1 get:Operation=2 put:Operation=3 post:Operation=4 delete:Operation=5 \
            options:Operation=6 head:Operation=7 patch:Operation=8 parameters:ParametersItem*=9
            Paths!1 {PathItem}=2
            Properties {Schema}=1
            QueryParameter!23 required:bool=1 in:string=2 description:string=3 name:string=4 type:string=6 \
            format:string=7 default:any=10 uniqueItems:bool=20 enum:any*=21
            Response!5 description:string=1 schema:SchemaItem=2
            ResponseValue ?$ref:JsonReference=2 ?:Response=1
            Responses!2 {ResponseValue}=1
            Schema!31 $ref:string=1 format:string=2 title:string=3 description:string=4 default:any=5 \
            multipleOf:double=6 maximum:double=7 exclusiveMaximum:bool=8 minimum:double=9 exclusiveMinimum:bool=10 \
            maxLength:int64=11 minLength:int64=12 pattern:string=13 maxItems:int64=14 minItems:int64=15 \
            uniqueItems:bool=16 maxProperties:int64=17 minProperties:int64=18 required:string*=19 enum:any*=20 \
            additionalProperties:AdditionalPropertiesItem=21 type:TypeItem=22 items:ItemsItem=23 allOf:Schema*=24 \
            properties:Properties=25 readOnly:bool=27 externalDocs:ExternalDocs=29 example:any=30
            ExternalDocs!3 description:string=1 url:string=2
            SchemaItem ?:Schema=1
            SecurityDefinitions {SecurityDefinitionsItem}=1
            SecurityDefinitionsItem ?type=apiKey:ApiKeySecurity=2
            SecurityRequirement {StringArray}=1
            SimpleParameter!22 required:bool=1 in:string=2 description:string=3 name:string=4 type:string=5 \
            format:string=6 default:any=9 uniqueItems:bool=19 enum:any*=20
            StringArray [string]=1
            TypeItem [string]=1
            """);

    static final GnosticMessages V3 = parse("""
            AdditionalPropertiesItem ?boolean:bool=2 ?:SchemaOrReference=1
            Components!10 schemas:SchemasOrReferences=1 securitySchemes:SecuritySchemesOrReferences=7
            DefaultType ?number:double=1 ?boolean:bool=2 ?string:string=3
            Document!9 openapi:string=1 info:Info=2 paths:Paths=4 components:Components=5 \
            security:SecurityRequirement*=6
            ExternalDocs!3 description:string=1 url:string=2
            Info!7 title:string=1 description:string=2 version:string=6
            ItemsItem [SchemaOrReference]=1
            MediaType!5 schema:SchemaOrReference=1 example:any=2
            MediaTypes {MediaType}=1
            Operation!13 tags:string*=1 summary:string=2 description:string=3 operationId:string=5 \
            parameters:ParameterOrReference*=6 requestBody:RequestBodyOrReference=7 responses:Responses=8 \
            deprecated:bool=10 security:SecurityRequirement*=11
            Parameter!14 name:string=1 in:string=2 description:string=3 required:bool=4 deprecated:bool=5 \
            schema:SchemaOrReference=10
            ParameterOrReference ?$ref:Reference=2 ?:Parameter=1
            PathItem!14 $ref:string=1 summary:string=2 description:string=3 get:Operation=4 put:Operation=5 \
            post:Operation=6 delete:Operation=7 options:Operation=8 head:Operation=9 patch:Operation=10 \
            parameters:ParameterOrReference*=13
            Paths!2 {PathItem}=1
            Properties {SchemaOrReference}=1
            Reference $ref:string=1 summary:string=2 description:string=3
            RequestBody!4 description:string=1 content:MediaTypes=2 required:bool=3
            RequestBodyOrReference ?$ref:Reference=2 ?:RequestBody=1
            Response!5 description:string=1 content:MediaTypes=3
            ResponseOrReference ?$ref:Reference=2 ?:Response=1
            Responses!3 default:ResponseOrReference=1 {ResponseOrReference}=2
            Schema!36 nullable:bool=1 readOnly:bool=3 writeOnly:bool=4 externalDocs:ExternalDocs=6 example:any=7 \
            deprecated:bool=8 title:string=9 multipleOf:double=10 maximum:double=11 exclusiveMaximum:bool=12 \
            minimum:double=13 exclusiveMinimum:bool=14 maxLength:int64=15 minLength:int64=16 pattern:string=17 \
            maxItems:int64=18 minItems:int64=19 uniqueItems:bool=20 maxProperties:int64=21 minProperties:int64=22 \
            required:string*=23 enum:any*=24 type:string=25 allOf:SchemaOrReference*=26 oneOf:SchemaOrReference*=27 \
            anyOf:SchemaOrReference*=28 not:Schema=29 items:ItemsItem=30 properties:Properties=31 \
            additionalProperties:AdditionalPropertiesItem=32 default:DefaultType=33 description:string=34 format:string=35
            SchemaOrReference ?$ref:Reference=2 ?:Schema=1
            SchemasOrReferences {SchemaOrReference}=1
            SecurityRequirement {StringArray}=1
            SecurityScheme!9 type:string=1 description:string=2 name:string=3 in:string=4
            SecuritySchemeOrReference ?$ref:Reference=2 ?:SecurityScheme=1
            SecuritySchemesOrReferences {SecuritySchemeOrReference}=1
            StringArray [string]=1
            """);

    /**
     * A field.
     *
     * @param type string, bool, int64, double, any (a value as YAML), or the name of a message
     */
    record Field(String type, boolean repeated, int number) {}

    /** One of the fields of which a message has exactly one, and when it is that. */
    record Choice(String key, String value, Field field) {}

    /**
     * A message.
     *
     * @param named fields by their names in JSON
     * @param extensions the field for what begins with {@code x-}; 0 for none
     * @param others the field for everything else; null for none
     * @param elements the field for it itself, or its elements; null if it is an object
     * @param choices not empty if it is one of several
     */
    record Message(
            Map<String, Field> named,
            int extensions,
            @Nullable Field others,
            @Nullable Field elements,
            List<Choice> choices) {}

    private static GnosticMessages parse(String table) {
        Map<String, Message> messages = new HashMap<>();
        for (String line : table.split("\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            String[] words = line.split(" +", -1);
            String[] head = words[0].split("!", -1);
            Map<String, Field> named = new LinkedHashMap<>();
            List<Choice> choices = new ArrayList<>();
            Field others = null;
            Field elements = null;
            for (int i = 1; i < words.length; i++) {
                String word = words[i];
                switch (word.charAt(0)) {
                    case '{' -> others = field(word.replace("{", "").replace("}", ""));
                    case '[' -> elements = field(word.replace("[", "").replace("]", ""));
                    case '?' -> choices.add(choice(word.substring(1)));
                    default ->
                        named.put(word.substring(0, word.indexOf(':')), field(word.substring(word.indexOf(':') + 1)));
                }
            }
            messages.put(
                    head[0],
                    new Message(named, head.length > 1 ? Integer.parseInt(head[1]) : 0, others, elements, choices));
        }
        return new GnosticMessages(messages);
    }

    private static Choice choice(String word) {
        String[] condition = word.substring(0, word.indexOf(':')).split("=", -1);
        return new Choice(
                condition[0], condition.length > 1 ? condition[1] : "", field(word.substring(word.indexOf(':') + 1)));
    }

    private static Field field(String word) {
        int equals = word.indexOf('=');
        boolean repeated = word.charAt(equals - 1) == '*';
        return new Field(
                word.substring(0, repeated ? equals - 1 : equals),
                repeated,
                Integer.parseInt(word.substring(equals + 1)));
    }

    /** A message by its name; null for the simple types. */
    @Nullable
    Message find(String type) {
        return messages.get(type);
    }
}
