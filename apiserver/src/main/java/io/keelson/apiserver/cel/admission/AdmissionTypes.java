package io.keelson.apiserver.cel.admission;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;

/** What expressions know of a request and of the namespace it is in. */
public final class AdmissionTypes {
    private static final String TEXT = "{'type': 'string'}";
    private static final String NUMBER = "{'type': 'integer'}";
    private static final String TIME = "{'type': 'string', 'format': 'date-time'}";
    private static final String TEXTS = "{'type': 'array', 'items': " + TEXT + "}";
    private static final String TEXT_MAP = "{'type': 'object', 'additionalProperties': " + TEXT + "}";

    /** Of several kinds, so their fields may be anything; a schema has no other way to say so of what expressions see. */
    private static final String OPTIONS =
            "{'type': 'object', 'additionalProperties': {'x-kubernetes-int-or-string': true}}";

    /** Of the variable {@code request}: an AdmissionRequest without the objects, which are variables of their own. */
    public static final Schema REQUEST = schema(object(
            field("kind", object(field("group", TEXT), field("version", TEXT), field("kind", TEXT))),
            field("resource", object(field("group", TEXT), field("version", TEXT), field("resource", TEXT))),
            field("subResource", TEXT),
            field("requestKind", object(field("group", TEXT), field("version", TEXT), field("kind", TEXT))),
            field("requestResource", object(field("group", TEXT), field("version", TEXT), field("resource", TEXT))),
            field("requestSubResource", TEXT),
            field("name", TEXT),
            field("namespace", TEXT),
            field("operation", TEXT),
            field(
                    "userInfo",
                    object(
                            field("username", TEXT),
                            field("uid", TEXT),
                            field("groups", TEXTS),
                            field("extra", "{'type': 'object', 'additionalProperties': " + TEXTS + "}"))),
            field("dryRun", "{'type': 'boolean'}"),
            field("options", OPTIONS)));

    /** Of the variable {@code namespaceObject}: what of a namespace expressions may see. */
    public static final Schema NAMESPACE = schema(object(
            field(
                    "metadata",
                    object(
                            field("name", TEXT),
                            field("generateName", TEXT),
                            field("namespace", TEXT),
                            field("labels", TEXT_MAP),
                            field("annotations", TEXT_MAP),
                            field("UID", TEXT),
                            field("creationTimestamp", TIME),
                            field("deletionGracePeriodSeconds", NUMBER),
                            field("deletionTimestamp", TIME),
                            field("generation", NUMBER),
                            field("resourceVersion", TEXT),
                            field("finalizers", TEXTS))),
            field("spec", object(field("finalizers", TEXTS))),
            field(
                    "status",
                    object(
                            field(
                                    "conditions",
                                    "{'type': 'array', 'items': "
                                            + object(
                                                    field("status", TEXT),
                                                    field("type", TEXT),
                                                    field("lastTransitionTime", TIME),
                                                    field("message", TEXT),
                                                    field("reason", TEXT))
                                            + "}"),
                            field("phase", TEXT)))));

    private AdmissionTypes() {}

    private static String field(String name, String type) {
        return "'" + name + "': " + type;
    }

    private static String object(String... fields) {
        return "{'type': 'object', 'properties': {" + String.join(", ", fields) + "}}";
    }

    private static Schema schema(String text) {
        JsonNode parsed = Json.parse(text.replace('\'', '"'));
        return StructuralSchema.readPlace(parsed);
    }
}
