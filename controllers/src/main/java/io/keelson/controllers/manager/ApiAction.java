package io.keelson.controllers.manager;

/**
 * What somebody wants to do with objects of the API.
 *
 * @param verb of the API: {@code get}, {@code list}
 * @param resource the plural: {@code pods}
 * @param namespace empty for objects of the cluster, and for all namespaces
 * @param name empty for all
 */
public record ApiAction(String verb, String group, String version, String resource, String namespace, String name) {
    /** How many letters it takes to say it. */
    int length() {
        return group.length() + version.length() + resource.length() + namespace.length() + name.length();
    }
}
