package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many objects at once: deleted, listed in pages and other forms, watched. */
@Timeout(120)
@ExtendWith(LiveApi.Extension.class)
class CollectionsTest {
    private static final String JSON = "application/json";
    private static final String NOT_OLDER = "&resourceVersionMatch=NotOlderThan";

    private final LiveApi api;
    private final String namespace;
    private final String maps;

    CollectionsTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
        this.maps = "/api/v1/namespaces/" + namespace + "/configmaps";
    }

    private Answer create(String name, String label) {
        return api.post(maps, "{'metadata': {'name': '" + name + "', 'labels': {'a': '" + label + "'}}}")
                .succeeded();
    }

    private List<String> names() {
        return names(api.get(maps));
    }

    private static List<String> names(Answer list) {
        List<String> names = new ArrayList<>();
        list.succeeded()
                .at("/items")
                .forEach(item -> names.add(item.at("/metadata/name").asText()));
        return names;
    }

    private static List<String> told(List<JsonNode> events) {
        return events.stream()
                .map(event -> event.path("type").asText() + " "
                        + event.at("/object/metadata/name").asText())
                .toList();
    }

    @Test
    void selectedObjectsAreDeletedAndAnswered() {
        create("a", "x");
        create("b", "x");
        create("c", "y");
        create("d", "x");
        Answer gone = api.delete(maps + "?labelSelector=a%3Dx&fieldSelector=metadata.name!%3Dd");
        assertEquals("ConfigMapList", gone.text("/kind"));
        assertEquals(List.of("a", "b"), names(gone));
        assertEquals(List.of("c", "d"), names());
        assertEquals(List.of("d"), names(api.delete(maps + "?fieldSelector=metadata.name%3Dd")));
        assertEquals(List.of(), names(api.delete(maps + "?labelSelector=a%3Dz")));
        assertEquals(List.of("c"), names(api.delete(maps)));
        assertEquals(List.of(), names());
    }

    @Test
    void deletionOfManyIsTriedAsThatOfOne() {
        create("a", "x");
        assertEquals(List.of("a"), names(api.delete(maps + "?dryRun=All")));
        assertEquals(List.of("a"), names(api.send("DELETE", maps, JSON, "{'dryRun': ['All']}")));
        assertEquals(List.of("a"), names());
        assertEquals(400, api.delete(maps + "?fieldSelector=foo%3Dbar").code());
        assertEquals(List.of("a"), names());
    }

    @Test
    void ownedObjectsOfManyAreTreatedAsAskedFor() {
        create("a", "x");
        create("b", "x");
        assertEquals(List.of("a", "b"), names(api.delete(maps + "?propagationPolicy=Orphan")));
        for (String name : List.of("a", "b")) {
            Answer left = api.get(maps + "/" + name).succeeded();
            assertEquals("orphan", left.text("/metadata/finalizers/0"));
            assertFalse(left.text("/metadata/deletionTimestamp").isEmpty());
        }
        api.merge(maps + "/a", "{'metadata': {'finalizers': null}}").succeeded();
        assertEquals(List.of("b"), names());
    }

    @Test
    void whoMayDeleteOneMayNotDeleteMany() {
        create("a", "x");
        String rule = "{'apiGroups': [''], 'resources': ['configmaps'], 'verbs': ['%s']}";
        LimitedUser one = new LimitedUser(api, "one-" + namespace).mayIn(namespace, rule.formatted("delete"));
        Answer refused = one.delete(maps);
        assertEquals(403, refused.code());
        assertTrue(refused.message().contains("cannot deletecollection resource \"configmaps\""), refused.message());
        assertEquals(403, one.delete(maps + "?fieldSelector=metadata.name%3Da").code());
        assertEquals(List.of("a"), names());
        LimitedUser many =
                new LimitedUser(api, "many-" + namespace).mayIn(namespace, rule.formatted("deletecollection"));
        assertEquals(403, many.delete(maps + "/a").code());
        assertEquals(List.of("a"), names(many.delete(maps)));
        assertEquals(List.of(), names());
    }

    @Test
    void deletionIsOfTheObjectThatIsMeant() {
        Answer created = create("a", "x");
        String uid = created.text("/metadata/uid");
        String version = created.text("/metadata/resourceVersion");
        String options = "{'preconditions': {'uid': '%s', 'resourceVersion': '%s'}}";
        Answer other = api.send("DELETE", maps + "/a", JSON, options.formatted("other", version));
        assertEquals(409, other.code());
        assertEquals(
                "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match the"
                        + " UID in record (" + uid + "). The object might have been deleted and then recreated",
                other.message());
        Answer older = api.send("DELETE", maps + "/a", JSON, options.formatted(uid, "1"));
        assertEquals(409, older.code());
        assertEquals(
                "Operation cannot be fulfilled on ConfigMap \"a\": the ResourceVersion in the precondition (1) does not"
                        + " match the ResourceVersion in record (" + version + "). The object might have been modified",
                older.message());
        assertEquals(
                200,
                api.send("DELETE", maps + "/a", JSON, options.formatted(uid, version))
                        .code());
        assertEquals(404, api.get(maps + "/a").code());
    }

    @Test
    void whatIsDeletedIsAnsweredIfItsKindIsAnsweredSo() {
        String in = "/api/v1/namespaces/" + namespace;
        String pod = "{'metadata': {'name': 'a'}, 'spec': {'automountServiceAccountToken': false,"
                + " 'containers': [{'name': 'c', 'image': 'i'}]}}";
        api.post(in + "/pods", pod).succeeded();
        api.post(in + "/services", "{'metadata': {'name': 'a'}, 'spec': {'ports': [{'port': 80}]}}")
                .succeeded();
        api.post(in + "/serviceaccounts", "{'metadata': {'name': 'a'}}").succeeded();
        api.post(in + "/resourcequotas", "{'metadata': {'name': 'a'}, 'spec': {'hard': {'pods': '4'}}}")
                .succeeded();
        Map<String, String> kinds = Map.of(
                "pods", "Pod",
                "services", "Service",
                "serviceaccounts", "ServiceAccount",
                "resourcequotas", "ResourceQuota");
        kinds.forEach((resource, kind) -> {
            Answer tried = api.delete(in + "/" + resource + "/a?dryRun=All");
            assertEquals(kind, tried.text("/kind"), tried::toString);
            Answer gone = api.delete(in + "/" + resource + "/a");
            assertEquals(200, gone.code());
            assertEquals(kind, gone.text("/kind"), gone::toString);
            assertEquals("a", gone.text("/metadata/name"));
            assertTrue(gone.at("/metadata/deletionTimestamp").isMissingNode(), gone::toString);
            assertEquals(404, api.get(in + "/" + resource + "/a").code());
        });
        create("a", "x");
        Answer gone = api.delete(maps + "/a");
        assertEquals("Status", gone.text("/kind"));
        assertEquals("Success", gone.text("/status"));
    }

    @Test
    void podsOfAJobStayIfNobodySaysOtherwise() {
        String jobs = "/apis/batch/v1/namespaces/" + namespace + "/jobs";
        for (String name : List.of("a", "b", "c")) {
            api.post(
                            jobs,
                            "{'metadata': {'name': '" + name + "'}, 'spec': {'template': {'spec': {'restartPolicy':"
                                    + " 'Never', 'containers': [{'name': 'c', 'image': 'i'}]}}}}")
                    .succeeded();
        }
        String warning = "299 - \"child pods are preserved by default when jobs are deleted; set"
                + " propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning\"";
        Answer told = api.delete(jobs + "/a").succeeded();
        assertEquals("orphan", told.text("/metadata/finalizers/0"));
        assertEquals(warning, told.header("Warning"));
        Answer meant = api.delete(jobs + "/b?propagationPolicy=Background").succeeded();
        assertEquals("", meant.header("Warning"));
        assertEquals(404, api.get(jobs + "/b").code());
        Answer many = api.delete(jobs + "?fieldSelector=metadata.name%3Dc").succeeded();
        assertEquals(warning, many.header("Warning"));
        assertEquals("orphan", api.get(jobs + "/c").text("/metadata/finalizers/0"));
    }

    @Test
    void anEventOwnsNothing() {
        String events = "/api/v1/namespaces/" + namespace + "/events";
        api.post(events, "{'metadata': {'name': 'a'}, 'involvedObject': {'namespace': '" + namespace + "'}}")
                .succeeded();
        assertEquals(
                "Status",
                api.delete(events + "/a?propagationPolicy=Foreground")
                        .succeeded()
                        .text("/kind"));
        assertEquals(404, api.get(events + "/a").code());
    }

    @Test
    void foregroundDeletionWaitsForWhatIsOwned() {
        create("a", "x");
        Answer marked = api.delete(maps + "/a?propagationPolicy=Foreground").succeeded();
        assertEquals("foregroundDeletion", marked.text("/metadata/finalizers/0"));
        assertFalse(marked.text("/metadata/deletionTimestamp").isEmpty());
        assertEquals(200, api.get(maps + "/a").code());
        api.merge(maps + "/a", "{'metadata': {'finalizers': []}}").succeeded();
        assertEquals(404, api.get(maps + "/a").code());
    }

    @Test
    void pageTellsHowManyAreLeft() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            create(name, "x");
        }
        Answer first = api.get(maps + "?limit=2");
        assertEquals(List.of("a", "b"), names(first));
        assertEquals(3, first.at("/metadata/remainingItemCount").asInt());
        Answer second = api.get(maps + "?limit=2&continue=" + first.text("/metadata/continue"));
        assertEquals(List.of("c", "d"), names(second));
        assertEquals(1, second.at("/metadata/remainingItemCount").asInt());
        Answer last = api.get(maps + "?limit=2&continue=" + second.text("/metadata/continue"));
        assertEquals(List.of("e"), names(last));
        assertTrue(last.at("/metadata/remainingItemCount").isMissingNode());
        assertTrue(last.at("/metadata/continue").isMissingNode());
        // How many of the rest are selected is not counted.
        Answer selected = api.get(maps + "?limit=2&labelSelector=a%3Dx");
        assertEquals(List.of("a", "b"), names(selected));
        assertTrue(selected.at("/metadata/remainingItemCount").isMissingNode());
    }

    @Test
    void metadataIsSentAlone() {
        api.post(maps, "{'metadata': {'name': 'a'}, 'data': {'k': 'v'}}").succeeded();
        String as = JSON + ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        JsonNode one = parsed(api.bytes(maps + "/a", as));
        assertEquals("PartialObjectMetadata", one.path("kind").asText());
        assertEquals("meta.k8s.io/v1", one.path("apiVersion").asText());
        assertEquals("a", one.at("/metadata/name").asText());
        assertTrue(one.path("data").isMissingNode());
        JsonNode list = parsed(api.bytes(maps, JSON + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"));
        assertEquals("PartialObjectMetadataList", list.path("kind").asText());
        assertEquals("PartialObjectMetadata", list.at("/items/0/kind").asText());
        assertTrue(list.at("/items/0/data").isMissingNode());
        JsonNode event = api.events(maps + "?watch=1&timeoutSeconds=1", as).getFirst();
        assertEquals("PartialObjectMetadata", event.at("/object/kind").asText());
        assertEquals("a", event.at("/object/metadata/name").asText());
        assertTrue(event.at("/object/data").isMissingNode());
    }

    private static JsonNode parsed(byte[] json) {
        return Json.parseObject(json);
    }

    @Test
    void watchTellsOfRowsOfATable() {
        create("a", "x");
        create("b", "x");
        List<JsonNode> events = api.events(maps + "?watch=1&timeoutSeconds=1", JSON + ";as=Table;g=meta.k8s.io;v=v1");
        assertEquals(2, events.size());
        assertEquals("Table", events.getFirst().at("/object/kind").asText());
        assertEquals(
                "Name", events.getFirst().at("/object/columnDefinitions/0/name").asText());
        assertEquals("a", events.getFirst().at("/object/rows/0/cells/0").asText());
        assertEquals(
                "PartialObjectMetadata",
                events.getFirst().at("/object/rows/0/object/kind").asText());
        // The columns are the same, and are described once.
        assertEquals(0, events.get(1).at("/object/columnDefinitions").size());
        assertEquals("b", events.get(1).at("/object/rows/0/cells/0").asText());
    }

    @Test
    void watchBeginsWithWhatThereIsAndSaysWhereThatEnds() {
        create("a", "x");
        create("b", "x");
        String version = api.get(maps).text("/metadata/resourceVersion");
        String initial = maps + "?watch=1&timeoutSeconds=1&sendInitialEvents=true" + NOT_OLDER;
        List<JsonNode> marked = api.events(initial + "&allowWatchBookmarks=true", JSON);
        assertEquals(List.of("ADDED a", "ADDED b", "BOOKMARK "), told(marked).subList(0, 3));
        JsonNode end = marked.get(2).path("object");
        assertEquals(
                "true",
                end.at("/metadata/annotations/k8s.io~1initial-events-end").asText());
        assertEquals("ConfigMap", end.path("kind").asText());
        assertEquals(2, end.path("metadata").size(), "nothing else is known of it");
        assertTrue(Long.parseLong(end.at("/metadata/resourceVersion").asText()) >= Long.parseLong(version));
        assertEquals(List.of("ADDED a", "ADDED b"), told(api.events(initial, JSON)));
        assertEquals(
                List.of(),
                told(api.events(
                        maps + "?watch=1&timeoutSeconds=1&sendInitialEvents=false" + NOT_OLDER + "&resourceVersion="
                                + version,
                        JSON)));
    }

    @Test
    void objectsComeIntoASelectionAndLeaveIt() {
        String version = api.get(maps).text("/metadata/resourceVersion");
        create("a", "out");
        create("b", "in");
        api.merge(maps + "/a", "{'metadata': {'labels': {'a': 'in'}}}").succeeded();
        api.merge(maps + "/a", "{'data': {'k': 'v'}}").succeeded();
        api.merge(maps + "/a", "{'metadata': {'labels': {'a': 'out'}}}").succeeded();
        api.merge(maps + "/a", "{'data': {'k': 'w'}}").succeeded();
        api.delete(maps + "/b").succeeded();
        api.delete(maps + "/a").succeeded();
        List<JsonNode> events =
                api.events(maps + "?watch=1&timeoutSeconds=1&labelSelector=a%3Din&resourceVersion=" + version, JSON);
        assertEquals(List.of("ADDED b", "ADDED a", "MODIFIED a", "DELETED a", "DELETED b"), told(events));
        // What has left is told as it was while it was in, at the version that took it out.
        assertEquals("in", events.get(3).at("/object/metadata/labels/a").asText());
        assertEquals("v", events.get(3).at("/object/data/k").asText());
        assertTrue(Long.parseLong(
                        events.get(3).at("/object/metadata/resourceVersion").asText())
                > Long.parseLong(
                        events.get(2).at("/object/metadata/resourceVersion").asText()));
    }
}
