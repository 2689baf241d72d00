package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LiveApi.Extension.class)
class NamespaceEndTest {
    private final LiveApi api;
    private final String path;

    NamespaceEndTest(LiveApi api) {
        this.api = api;
        this.path = "/api/v1/namespaces/" + api.namespace();
    }

    private Answer finalizers(String... names) {
        ObjectNode namespace = api.get(path).body();
        var finalizers = ((ObjectNode) namespace.path("spec")).putArray("finalizers");
        for (String name : names) {
            finalizers.add(name);
        }
        return api.put(path + "/finalize", namespace);
    }

    @Test
    void namespaceStaysUntilItsContentIsGone() {
        Answer deleted = api.delete(path).succeeded();
        assertEquals("Namespace", deleted.text("/kind"));
        assertEquals("Terminating", deleted.text("/status/phase"));
        assertTrue(deleted.at("/metadata").has("deletionTimestamp"));
        assertFalse(deleted.at("/metadata").has("deletionGracePeriodSeconds"));
        assertEquals("kubernetes", deleted.text("/spec/finalizers/0"));
        assertEquals(200, api.delete(path).code());
        assertEquals("Terminating", api.get(path).text("/status/phase"));

        finalizers().succeeded();
        assertEquals(404, api.get(path).code());
    }

    @Test
    void finalizersOfOthersKeepItToo() {
        api.merge(path, "{'metadata': {'finalizers': ['example.com/keep']}}").succeeded();
        api.delete(path).succeeded();
        finalizers().succeeded();
        assertEquals("Terminating", api.get(path).text("/status/phase"));
        api.merge(path, "{'metadata': {'finalizers': []}}").succeeded();
        assertEquals(404, api.get(path).code());
    }

    @Test
    void emptyingMetadataDoesNotEndANamespaceWithContent() {
        api.delete(path).succeeded();
        api.merge(path, "{'metadata': {'labels': {'a': 'b'}}}").succeeded();
        assertEquals(200, api.get(path).code());
    }

    @Test
    void finalizersInTheSpecificationChangeOnlyThroughTheirPath() {
        ObjectNode namespace = api.get(path).body();
        ((ObjectNode) namespace.path("spec")).putArray("finalizers");
        assertEquals("kubernetes", api.put(path, namespace).succeeded().text("/spec/finalizers/0"));
        assertEquals(
                "example.com/mine", finalizers("example.com/mine").succeeded().text("/spec/finalizers/0"));
    }

    @Test
    void finalizersMustHaveNames() {
        Answer answer = finalizers("mine");
        assertEquals(422, answer.code());
        assertTrue(
                answer.message().contains("name is neither a standard finalizer name nor is it fully qualified"),
                answer.message());
    }

    @Test
    void nothingIsCreatedInANamespaceThatEnds() {
        api.delete(path).succeeded();
        Answer answer = api.post(path + "/configmaps", "{'metadata': {'name': 'late'}}");
        assertEquals(403, answer.code());
        assertEquals("NamespaceTerminating", answer.text("/details/causes/0/reason"));
    }

    @Test
    void deletionOfAnotherNamespaceOfTheNameIsRefused() {
        Answer answer = api.send("DELETE", path, "application/json", "{'preconditions': {'uid': '1-2'}}");
        assertEquals(409, answer.code());
        assertTrue(
                answer.message().contains("\": Precondition failed: UID in precondition: 1-2, UID in object meta: "),
                answer.message());
        assertEquals("Active", api.get(path).text("/status/phase"));
    }

    @Test
    void foregroundDeletionAddsNoFinalizer() {
        api.delete(path + "?propagationPolicy=Foreground").succeeded();
        assertFalse(api.get(path).at("/metadata").has("finalizers"));
    }
}
