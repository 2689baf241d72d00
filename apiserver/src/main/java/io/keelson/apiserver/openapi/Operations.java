package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Writes the paths of one resource in one version, with what can be done at each: the operations, their parameters, what
 * they take and what they answer.
 */
final class Operations {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> FORMATS = List.of("application/json", "application/yaml");
    private static final List<String> PATCHES = List.of(
            "application/apply-patch+yaml",
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json");
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private final GroupVersion groupVersion;
    private final Resource resource;
    private final String schema;
    private final String listSchema;
    private final ObjectNode paths;

    /**
     * @param schema the name of the kind's schema among the components
     * @param listSchema that of lists of it
     * @param paths receives the paths
     */
    Operations(GroupVersion groupVersion, Resource resource, String schema, String listSchema, ObjectNode paths) {
        this.groupVersion = groupVersion;
        this.resource = resource;
        this.schema = schema;
        this.listSchema = listSchema;
        this.paths = paths;
    }

    void write() {
        String root = groupVersion.group().isEmpty() ? "/api/" + groupVersion : "/apis/" + groupVersion;
        String collection = root
                + (resource.namespaced() ? "/namespaces/{namespace}/" : "/")
                + resource.name().resource();
        writeCollection(collection);
        writeObject(collection + "/{name}");
        if (resource.namespaced() && resource.verbs().contains(Verb.LIST)) {
            ObjectNode all = JSON.objectNode();
            operation(all, "get", "list", "ForAllNamespaces", listSchema, 200);
            all.set("parameters", parameters(false, false, listParameters()));
            paths.set(root + "/" + resource.name().resource(), all);
        }
        resource.subresources().values().forEach(part -> writePart(collection + "/{name}/" + part.name(), part));
    }

    private void writeCollection(String path) {
        ObjectNode item = JSON.objectNode();
        Set<Verb> verbs = resource.verbs();
        if (verbs.contains(Verb.LIST)) {
            ObjectNode list = operation(item, "get", "list", "", listSchema, 200);
            list.set("parameters", array(listParameters()));
        }
        if (verbs.contains(Verb.CREATE)) {
            ObjectNode create = operation(item, "post", "post", "", schema, 201);
            create.set("parameters", array(writeParameters()));
            body(create, FORMATS, schema);
        }
        if (verbs.contains(Verb.DELETECOLLECTION)) {
            ObjectNode delete = operation(item, "delete", "deletecollection", "Collection", META + "Status", 200);
            delete.set("parameters", array(listParameters()));
            body(delete, FORMATS, META + "DeleteOptions");
        }
        if (!item.isEmpty()) {
            item.set("parameters", parameters(resource.namespaced(), false, List.of()));
            paths.set(path, item);
        }
    }

    private void writeObject(String path) {
        ObjectNode item = JSON.objectNode();
        write(item, resource.verbs(), schema, "");
        if (resource.verbs().contains(Verb.DELETE)) {
            ObjectNode delete = operation(item, "delete", "delete", "", META + "Status", 200);
            body(delete, FORMATS, META + "DeleteOptions");
        }
        if (!item.isEmpty()) {
            item.set("parameters", parameters(resource.namespaced(), true, List.of()));
            paths.set(path, item);
        }
    }

    private void writePart(String path, Subresource part) {
        GroupVersionKind kind = part.kind();
        boolean whole =
                kind.kind().equals(resource.kind().kind()) && kind.group().equals(groupVersion.group());
        String name = whole ? schema : SchemaNames.of(kind);
        if (name.isEmpty()) {
            return;
        }
        ObjectNode item = JSON.objectNode();
        String title = part.name().substring(0, 1).toUpperCase(Locale.ROOT)
                + part.name().substring(1);
        write(item, part.verbs(), name, title);
        if (part.verbs().contains(Verb.CREATE)) {
            ObjectNode create = operation(item, "post", "post", title, name, 201);
            create.set("parameters", array(writeParameters()));
            body(create, FORMATS, name);
        }
        if (!item.isEmpty()) {
            item.set("parameters", parameters(resource.namespaced(), true, List.of()));
            paths.set(path, item);
        }
    }

    private void write(ObjectNode item, Set<Verb> verbs, String name, String suffix) {
        if (verbs.contains(Verb.GET)) {
            operation(item, "get", "get", suffix, name, 200);
        }
        if (verbs.contains(Verb.UPDATE)) {
            ObjectNode put = operation(item, "put", "put", suffix, name, 200);
            put.set("parameters", array(writeParameters()));
            body(put, FORMATS, name);
        }
        if (verbs.contains(Verb.PATCH)) {
            ObjectNode patch = operation(item, "patch", "patch", suffix, name, 200);
            ArrayNode parameters = array(writeParameters());
            parameters.add(
                    parameter("force", "query", "boolean", false, "Take over fields of others; for apply only."));
            patch.set("parameters", parameters);
            List<String> types = resource.custom() ? PATCHES.subList(0, PATCHES.size() - 1) : PATCHES;
            body(patch, types, META + "Patch");
        }
    }

    private ObjectNode operation(
            ObjectNode item, String method, String action, String suffix, String answer, int status) {
        ObjectNode operation = item.putObject(method);
        operation.putArray("tags").add(tag());
        String verb = switch (action) {
            case "get" -> "read";
            case "post" -> "create";
            case "put" -> "replace";
            case "deletecollection" -> "delete";
            default -> action;
        };
        operation.put(
                "description", verb + " objects of kind " + resource.kind().kind());
        operation.put(
                "operationId",
                verb
                        + camel(tag())
                        + (resource.namespaced() && !suffix.equals("ForAllNamespaces") ? "Namespaced" : "")
                        + resource.kind().kind()
                        + suffix);
        ObjectNode response = operation
                .putObject("responses")
                .putObject(Integer.toString(status))
                .put("description", status == 201 ? "Created" : "OK");
        ObjectNode content = response.putObject("content");
        FORMATS.forEach(format -> content.putObject(format).putObject("schema").put("$ref", reference(answer)));
        operation.put("x-kubernetes-action", action);
        operation
                .putObject("x-kubernetes-group-version-kind")
                .put("group", groupVersion.group())
                .put("version", groupVersion.version())
                .put("kind", resource.kind().kind());
        return operation;
    }

    private static void body(ObjectNode operation, List<String> formats, String name) {
        ObjectNode content = operation.putObject("requestBody").putObject("content");
        formats.forEach(format -> content.putObject(format).putObject("schema").put("$ref", reference(name)));
    }

    /** {@code apps_v1}; {@code core_v1} for the core group. */
    private String tag() {
        String group = groupVersion.group();
        String first = group.isEmpty() ? "core" : group.contains(".") ? group.substring(0, group.indexOf('.')) : group;
        return first + "_" + groupVersion.version();
    }

    private static String camel(String tag) {
        StringBuilder name = new StringBuilder();
        for (String word : tag.split("_", -1)) {
            name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
        }
        return name.toString();
    }

    static String reference(String name) {
        return "#/components/schemas/" + name;
    }

    private static ArrayNode array(List<ObjectNode> parameters) {
        ArrayNode array = JSON.arrayNode();
        parameters.forEach(array::add);
        return array;
    }

    private static ArrayNode parameters(boolean namespace, boolean name, List<ObjectNode> more) {
        ArrayNode array = JSON.arrayNode();
        if (name) {
            array.add(parameter("name", "path", "string", true, "The name of the object."));
        }
        if (namespace) {
            array.add(parameter("namespace", "path", "string", true, "The namespace of the object."));
        }
        array.add(parameter("pretty", "query", "string", false, "Whether the answer is indented."));
        more.forEach(array::add);
        return array;
    }

    private static List<ObjectNode> writeParameters() {
        return List.of(
                parameter("dryRun", "query", "string", false, "All: do everything but store."),
                parameter("fieldManager", "query", "string", false, "Who owns the fields that are written."),
                parameter(
                        "fieldValidation",
                        "query",
                        "string",
                        false,
                        "Ignore, Warn or Strict: what happens to unknown and repeated fields."));
    }

    private static List<ObjectNode> listParameters() {
        return List.of(
                parameter("allowWatchBookmarks", "query", "boolean", false, "Tell now and then how far a watch is."),
                parameter("continue", "query", "string", false, "Where the last page ended."),
                parameter("fieldSelector", "query", "string", false, "Which objects, by their fields."),
                parameter("labelSelector", "query", "string", false, "Which objects, by their labels."),
                parameter("limit", "query", "integer", false, "How many objects at most."),
                parameter("resourceVersion", "query", "string", false, "How fresh the answer is to be."),
                parameter("resourceVersionMatch", "query", "string", false, "Exact or NotOlderThan."),
                parameter("sendInitialEvents", "query", "boolean", false, "Begin a watch with what there is."),
                parameter("timeoutSeconds", "query", "integer", false, "How long a watch lasts."),
                parameter("watch", "query", "boolean", false, "Watch instead of list."));
    }

    private static ObjectNode parameter(String name, String in, String type, boolean required, String description) {
        ObjectNode parameter = JSON.objectNode().put("name", name).put("in", in).put("description", description);
        if (required) {
            parameter.put("required", true);
        }
        parameter.putObject("schema").put("type", type).put("uniqueItems", true);
        return parameter;
    }
}
