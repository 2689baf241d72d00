package io.keelson.controllers.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DiscoveryTest {
    private static JsonNode group(String name, String versions) {
        return MetadataClient.json("""
            {"items": [{"metadata": {"name": "%s"}, "versions": [%s]}]}
            """.formatted(name, versions));
    }

    private static String version(String version, String freshness, String... kinds) {
        List<String> resources = List.of(kinds).stream()
                .map(kind -> """
                    {"resource": "%ss", "responseKind": {"kind": "%s"}, "scope": "Namespaced",
                     "verbs": ["get", "delete"]}
                    """.formatted(kind.toLowerCase(java.util.Locale.ROOT), kind))
                .toList();
        return """
            {"version": "%s", "freshness": "%s", "resources": [%s]}
            """.formatted(version, freshness, String.join(",", resources));
    }

    private static List<String> paths(List<Kind> kinds) {
        return kinds.stream().map(kind -> kind.path("ns")).toList();
    }

    @Test
    void eachKindIsPreferredInTheFirstVersionThatHasIt() {
        Discovery discovery = Discovery.of(List.of(
                group("", version("v1", "Current", "Pod")),
                group("a.io", version("v2", "Current", "Old", "New") + "," + version("v1", "Current", "Old", "Gone"))));
        assertEquals(
                List.of(
                        "/api/v1/namespaces/ns/pods",
                        "/apis/a.io/v2/namespaces/ns/olds",
                        "/apis/a.io/v2/namespaces/ns/news",
                        "/apis/a.io/v1/namespaces/ns/gones"),
                paths(discovery.preferred()));
        assertEquals(5, discovery.all().size());
        assertNull(discovery.failure());
    }

    @Test
    void aServerThatDoesNotAnswerIsAFailureOfItsVersionAlone() {
        Discovery discovery = Discovery.of(List.of(
                group("b.io", version("v1", "Stale", "Lost") + "," + version("v2", "Current", "Found")),
                group("a.io", version("v1", "Stale"))));
        assertEquals(List.of("/apis/b.io/v2/namespaces/ns/founds"), paths(discovery.preferred()));
        assertEquals(Set.of("a.io/v1", "b.io/v1"), discovery.failures().keySet());
        assertEquals(
                "unable to retrieve the complete list of server APIs: a.io/v1: stale GroupVersion discovery: a.io/v1,"
                        + " b.io/v1: stale GroupVersion discovery: b.io/v1",
                discovery.failure());
    }

    @Test
    void namesThatAreNoneAreNotAskedFor() {
        Discovery discovery = Discovery.of(List.of(group("a.io", version("v1/v2", "Current", "Bad"))));
        assertEquals(List.of("a.io/v1/v2"), discovery.malformed());
        assertEquals(List.of(), discovery.all());
    }

    @Test
    void namesInPathsAreQuoted() {
        Kind roles = new Kind("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false, Set.of());
        assertEquals("/apis/rbac.authorization.k8s.io/v1/clusterroles/a%3Ab%20c%3Fd", roles.path("", "a:b c?d"));
        assertEquals("clusterroles.rbac.authorization.k8s.io", roles.groupResource());
    }

    @Test
    void metadataIsReadWhateverElseIsThere() {
        Metadata metadata = Metadata.of(MetadataClient.json("""
            {"metadata": {"uid": "u", "name": "n", "namespace": "ns", "resourceVersion": "7",
             "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["orphan", "x"],
             "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "o", "controller": true}]},
             "spec": 3}
            """));
        Owner owner = new Owner("v1", "Pod", "p", "o", true, null);
        assertEquals(new Metadata("u", "ns", "n", "7", true, List.of("orphan", "x"), List.of(owner)), metadata);
        assertEquals(Map.of(false, true), Map.of(owner.blocks(), metadata.orphansDependents()));
    }
}
