package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who has applied with kubectl on the client's side goes over to the server's without conflicts. */
@ExtendWith(LiveApi.Extension.class)
class ApplyTransferTest {
    private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";
    private static final String CONFIG =
            "{'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'kept'}, 'data': {'a': '1', 'b': '1'}}";
    private static final String NEXT = CONFIG.replace("'a': '1'", "'a': '2'");

    private final LiveApi api;
    private final String maps;
    private final String kept;

    ApplyTransferTest(LiveApi api) {
        this.api = api;
        maps = "/api/v1/namespaces/" + api.namespace() + "/configmaps";
        kept = maps + "/kept";
        api.post(
                        maps + "?fieldManager=kubectl-client-side-apply",
                        "{'metadata': {'name': 'kept', 'annotations': {'" + ANNOTATION + "': '"
                                + CONFIG.replace("'", "\\'") + "'}}, 'data': {'a': '1', 'b': '1'}}")
                .succeeded();
    }

    private static void conflicts(Answer answer) {
        assertEquals(409, answer.code(), answer.body()::toString);
        assertEquals("Conflict", answer.reason());
        assertEquals(1, answer.at("/details/causes").size(), answer.body()::toString);
        assertEquals("FieldManagerConflict", answer.text("/details/causes/0/reason"));
        assertEquals(".data.a", answer.text("/details/causes/0/field"));
        assertTrue(answer.text("/details/causes/0/message").startsWith("conflict with \"kubectl-client-side-apply\""));
    }

    @Test
    void whatWasAppliedOnTheClientsSideIsNoConflictForKubectl() {
        conflicts(api.apply(kept, "other", NEXT));
        Answer applied = api.apply(kept, "kubectl", NEXT).succeeded();
        assertEquals("2", applied.text("/data/a"));
        String renewed = applied.text("/metadata/annotations/" + ANNOTATION.replace("/", "~1"));
        assertTrue(renewed.contains("\"a\":\"2\""), renewed);
        Answer again = api.apply(kept, "kubectl", NEXT.replace("'a': '2'", "'a': '3'"));
        assertEquals("3", again.succeeded().text("/data/a"));
    }

    @Test
    void whatWasChangedSinceIsOne() {
        api.merge(kept + "?fieldManager=kubectl-client-side-apply", "{'data': {'a': '5'}}")
                .succeeded();
        conflicts(api.apply(kept, "kubectl", NEXT));
        assertEquals("5", api.get(kept).text("/data/a"));
    }
}
