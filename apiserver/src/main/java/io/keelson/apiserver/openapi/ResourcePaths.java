package io.keelson.apiserver.openapi;

import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Finds the paths of one resource in one version, with the operations, under the names that the original gives them. */
final class ResourcePaths {
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final String STATUS = META + "Status";
    private static final List<String> ANYTHING = List.of("*/*");
    private static final List<String> TEXTS = List.of("application/json", "application/yaml");
    private static final List<String> ALL =
            List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");
    private static final List<String> PATCHES = List.of(
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/apply-patch+yaml",
            "application/strategic-merge-patch+json");
    private static final List<String> CUSTOM_PATCHES = PATCHES.subList(0, 3);

    private final GroupVersion groupVersion;
    private final Resource resource;
    private final String schema;
    private final String listSchema;
    private final List<PathItem> paths = new ArrayList<>();

    private ResourcePaths(GroupVersion groupVersion, Resource resource, String schema, String listSchema) {
        this.groupVersion = groupVersion;
        this.resource = resource;
        this.schema = schema;
        this.listSchema = listSchema;
    }

    /**
     * @param schema the name of the kind's schema
     * @param listSchema that of lists of it
     */
    static List<PathItem> of(GroupVersion groupVersion, Resource resource, String schema, String listSchema) {
        ResourcePaths paths = new ResourcePaths(groupVersion, resource, schema, listSchema);
        paths.addAll();
        return paths.paths;
    }

    private void addAll() {
        String root = groupVersion.group().isEmpty() ? "/api/" + groupVersion : "/apis/" + groupVersion;
        String plural = resource.name().resource();
        String collection = (resource.namespaced() ? "/namespaces/{namespace}/" : "/") + plural;
        collection(root + collection);
        object(root + collection + "/{name}");
        if (resource.namespaced() && resource.verbs().contains(Verb.LIST)) {
            Operation list = list(kind() + "ForAllNamespaces", false);
            paths.add(new PathItem(root + "/" + plural, everywhere(List.of()), List.of(list)));
        }
        resource.subresources().values().forEach(part -> part(root + collection + "/{name}/" + part.name(), part));
        if (resource.verbs().contains(Verb.WATCH)) {
            watches(root + "/watch", collection);
        }
    }

    private String kind() {
        return resource.kind().kind();
    }

    private GroupVersionKind itself() {
        return groupVersion.kind(kind());
    }

    private String scoped() {
        return resource.namespaced() ? "Namespaced" : "";
    }

    private List<String> formats() {
        return resource.custom() ? TEXTS : ALL;
    }

    private List<String> streams() {
        List<String> formats = new ArrayList<>(formats());
        formats.add("application/json;stream=watch");
        if (!resource.custom()) {
            formats.add("application/vnd.kubernetes.protobuf;stream=watch");
        }
        return formats;
    }

    /** The parameters of a path: its placeholders, and how the answer looks. */
    private List<Parameter> everywhere(List<Parameter> more) {
        List<Parameter> all = new ArrayList<>(more);
        all.add(Parameters.PRETTY);
        return all;
    }

    private List<Parameter> placed(Parameter... names) {
        List<Parameter> all = new ArrayList<>(List.of(names));
        if (resource.namespaced()) {
            all.add(Parameters.NAMESPACE);
        }
        return everywhere(all);
    }

    private Operation list(String suffix, boolean scoped) {
        return new Operation(
                "get",
                id("list", (scoped ? scoped() : "") + suffix),
                "list or watch objects of kind " + kind(),
                tag(groupVersion),
                "list",
                itself(),
                Parameters.LIST,
                "",
                false,
                ANYTHING,
                streams(),
                Map.of(200, listSchema));
    }

    private void collection(String path) {
        List<Operation> operations = new ArrayList<>();
        Set<Verb> verbs = resource.verbs();
        if (verbs.contains(Verb.LIST)) {
            operations.add(list(kind(), true));
        }
        if (verbs.contains(Verb.CREATE)) {
            operations.add(write("post", "create", "create", kind(), schema, itself()));
        }
        if (verbs.contains(Verb.DELETECOLLECTION)) {
            List<Parameter> parameters = new ArrayList<>(Parameters.DELETE);
            Parameters.LIST.stream()
                    .filter(parameter -> !parameter.name().equals("watch")
                            && !parameter.name().equals("allowWatchBookmarks"))
                    .forEach(parameters::add);
            operations.add(new Operation(
                    "delete",
                    id("delete", "Collection" + scoped() + kind()),
                    "delete collection of " + kind(),
                    tag(groupVersion),
                    "deletecollection",
                    itself(),
                    parameters,
                    META + "DeleteOptions",
                    false,
                    ANYTHING,
                    formats(),
                    Map.of(200, STATUS)));
        }
        add(path, placed(), operations);
    }

    private void object(String path) {
        List<Operation> operations = new ArrayList<>();
        Set<Verb> verbs = resource.verbs();
        if (verbs.contains(Verb.GET)) {
            operations.add(read(kind(), "read the specified " + kind(), schema, itself()));
        }
        changes(operations, verbs, kind(), "the specified " + kind(), schema, itself());
        if (verbs.contains(Verb.DELETE)) {
            String answer = resource.strategy().returnsDeleted() ? schema : STATUS;
            operations.add(new Operation(
                    "delete",
                    id("delete", scoped() + kind()),
                    "delete " + article(kind()),
                    tag(groupVersion),
                    "delete",
                    itself(),
                    Parameters.DELETE,
                    META + "DeleteOptions",
                    false,
                    ANYTHING,
                    formats(),
                    new TreeMap<>(Map.of(200, answer, 202, answer))));
        }
        add(path, placed(Parameters.NAME), operations);
    }

    private void part(String path, Subresource part) {
        if (part.name().equals("log")) {
            Operation log = new Operation(
                    "get",
                    id("read", scoped() + kind() + "Log"),
                    "read log of the specified " + kind(),
                    tag(groupVersion),
                    "get",
                    itself(),
                    Parameters.of("PodLogOptions"),
                    "",
                    false,
                    ANYTHING,
                    List.of("text/plain", "application/json", "application/yaml"),
                    Map.of(200, Operation.TEXT));
            add(path, placed(Parameters.NAME), List.of(log));
            return;
        }
        if (part.kind().kind().endsWith("Options")) {
            connections(path, part);
            return;
        }
        boolean whole = part.kind().kind().equals(kind()) && part.kind().group().equals(groupVersion.group());
        String name = whole ? schema : SchemaNames.of(part.kind());
        if (name.isEmpty()) {
            return;
        }
        GroupVersionKind about = whole ? itself() : part.kind();
        String suffix = kind() + capital(part.name());
        List<Operation> operations = new ArrayList<>();
        String what = part.name() + " of the specified " + kind();
        if (part.verbs().contains(Verb.GET)) {
            operations.add(read(suffix, "read " + what, name, about));
        }
        if (part.verbs().contains(Verb.CREATE)) {
            operations.add(write("post", "create", "create " + part.name() + " of", suffix, name, about));
        }
        changes(operations, part.verbs(), suffix, what, name, about);
        add(path, placed(Parameters.NAME), operations);
    }

    /** What is connected to: with parameters, and plain text or another protocol as the answer. */
    private void connections(String path, Subresource part) {
        boolean proxy = part.name().equals("proxy");
        List<String> methods =
                proxy ? List.of("delete", "get", "head", "options", "patch", "post", "put") : List.of("get", "post");
        List<Parameter> options = Parameters.of(part.kind().kind());
        for (boolean below : proxy ? new boolean[] {false, true} : new boolean[] {false}) {
            List<Operation> operations = new ArrayList<>();
            for (String method : methods) {
                operations.add(new Operation(
                        method,
                        id(
                                "connect",
                                capital(method) + scoped() + kind() + capital(part.name()) + (below ? "WithPath" : "")),
                        "connect " + method.toUpperCase(Locale.ROOT) + " requests to " + part.name() + " of " + kind(),
                        tag(groupVersion),
                        "connect",
                        part.kind(),
                        List.of(),
                        "",
                        false,
                        ANYTHING,
                        ANYTHING,
                        Map.of(200, Operation.TEXT)));
            }
            List<Parameter> parameters = new ArrayList<>();
            parameters.add(Parameters.NAME);
            if (resource.namespaced()) {
                parameters.add(Parameters.NAMESPACE);
            }
            if (below) {
                parameters.add(Parameters.REST);
            }
            parameters.addAll(options);
            add(path + (below ? "/{path}" : ""), parameters, operations);
        }
    }

    private Operation read(String suffix, String description, String answer, GroupVersionKind about) {
        return new Operation(
                "get",
                id("read", scoped() + suffix),
                description,
                tag(groupVersion),
                "get",
                about,
                List.of(),
                "",
                false,
                ANYTHING,
                formats(),
                Map.of(200, answer));
    }

    private void changes(
            List<Operation> operations,
            Set<Verb> verbs,
            String suffix,
            String what,
            String name,
            GroupVersionKind about) {
        if (verbs.contains(Verb.UPDATE)) {
            operations.add(new Operation(
                    "put",
                    id("replace", scoped() + suffix),
                    "replace " + what,
                    tag(groupVersion),
                    "put",
                    about,
                    Parameters.WRITE,
                    name,
                    true,
                    ANYTHING,
                    formats(),
                    new TreeMap<>(Map.of(200, name, 201, name))));
        }
        if (verbs.contains(Verb.PATCH)) {
            List<Parameter> parameters = new ArrayList<>(Parameters.WRITE);
            parameters.add(Parameters.FORCE);
            operations.add(new Operation(
                    "patch",
                    id("patch", scoped() + suffix),
                    "partially update " + what,
                    tag(groupVersion),
                    "patch",
                    about,
                    parameters,
                    META + "Patch",
                    true,
                    resource.custom() ? CUSTOM_PATCHES : PATCHES,
                    formats(),
                    new TreeMap<>(Map.of(200, name, 201, name))));
        }
    }

    private Operation write(
            String method, String action, String text, String suffix, String name, GroupVersionKind about) {
        return new Operation(
                method,
                id(action, scoped() + suffix),
                text + " " + article(kind()),
                tag(groupVersion),
                method,
                about,
                Parameters.WRITE,
                name,
                true,
                ANYTHING,
                formats(),
                new TreeMap<>(Map.of(200, name, 201, name, 202, name)));
    }

    /** The older way to watch, with paths of its own. */
    private void watches(String root, String collection) {
        if (resource.namespaced()) {
            watch(root + "/" + resource.name().resource(), kind() + "ListForAllNamespaces", List.of());
        }
        List<Parameter> namespace = resource.namespaced() ? List.of(Parameters.NAMESPACE) : List.of();
        watch(root + collection, scoped() + kind() + "List", namespace);
        List<Parameter> object = new ArrayList<>(namespace);
        object.addFirst(Parameters.NAME);
        watch(root + collection + "/{name}", scoped() + kind(), object);
    }

    private void watch(String path, String suffix, List<Parameter> placeholders) {
        List<Parameter> parameters = new ArrayList<>(placeholders);
        parameters.addAll(Parameters.LIST);
        parameters.add(Parameters.PRETTY);
        boolean single = path.endsWith("{name}");
        Operation watch = new Operation(
                "get",
                id("watch", suffix),
                single
                        ? "watch changes to an object of kind " + kind()
                                + ". deprecated: use the 'watch' parameter with a"
                                + " list operation instead, filtered to a single item with the 'fieldSelector' parameter."
                        : "watch individual changes to a list of " + kind()
                                + ". deprecated: use the 'watch' parameter with a list operation instead.",
                tag(groupVersion),
                single ? "watch" : "watchlist",
                itself(),
                List.of(),
                "",
                false,
                ANYTHING,
                streams(),
                Map.of(200, META + "WatchEvent"));
        paths.add(new PathItem(path, parameters, List.of(watch)));
    }

    private void add(String path, List<Parameter> parameters, List<Operation> operations) {
        if (!operations.isEmpty()) {
            paths.add(new PathItem(path, parameters, operations));
        }
    }

    private String id(String verb, String suffix) {
        return verb + capital(groupName(groupVersion.group())) + capital(groupVersion.version()) + suffix;
    }

    /** {@code apps_v1}, {@code core_v1}, {@code rbacAuthorization_v1}, {@code stableExampleCom_v1}. */
    static String tag(GroupVersion groupVersion) {
        return groupName(groupVersion.group()) + "_" + groupVersion.version();
    }

    static String groupName(String group) {
        if (group.isEmpty()) {
            return "core";
        }
        String own = group.endsWith(".k8s.io") ? group.substring(0, group.length() - ".k8s.io".length()) : group;
        String[] words = own.split("[.-]", -1);
        StringBuilder name = new StringBuilder(words[0]);
        for (int i = 1; i < words.length; i++) {
            name.append(capital(words[i]));
        }
        return name.toString();
    }

    static String capital(String word) {
        return word.isEmpty() ? "" : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    private static String article(String kind) {
        return ("AEIOU".indexOf(kind.charAt(0)) >= 0 ? "an " : "a ") + kind;
    }
}
