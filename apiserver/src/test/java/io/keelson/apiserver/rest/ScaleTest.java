package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LiveApi.Extension.class)
class ScaleTest {
    private final LiveApi api;
    private final String deployment;
    private final String scale;
    private final String namespace;

    ScaleTest(LiveApi api) {
        this.api = api;
        namespace = api.namespace();
        String deployments = "/apis/apps/v1/namespaces/" + namespace + "/deployments";
        deployment = deployments + "/web";
        scale = deployment + "/scale";
        api.post(deployments, """
                        {'metadata': {'name': 'web'}, 'spec': {'replicas': 3,
                          'selector': {'matchLabels': {'tier': 'front', 'app': 'web'}},
                          'template': {'metadata': {'labels': {'app': 'web', 'tier': 'front'}},
                                       'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}}}""").succeeded();
    }

    @Test
    void scaleOfDeploymentSaysHowManyAndWhich() {
        Answer answer = api.get(scale).succeeded();
        assertEquals("Scale", answer.text("/kind"));
        assertEquals("autoscaling/v1", answer.text("/apiVersion"));
        assertEquals(3, answer.at("/spec/replicas").asInt());
        assertEquals(0, answer.at("/status/replicas").asInt(-1));
        assertEquals("app=web,tier=front", answer.text("/status/selector"));
        ObjectNode whole = api.get(deployment).body();
        for (String field : new String[] {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
            assertEquals(whole.path("metadata").path(field), answer.at("/metadata/" + field), field);
        }
        assertFalse(answer.at("/metadata").has("managedFields"));
    }

    @Test
    void writtenScaleIsTheDeploymentsAndANewGeneration() {
        ObjectNode wanted = api.get(scale).body();
        ((ObjectNode) wanted.path("spec")).put("replicas", 5);
        assertEquals(5, api.put(scale, wanted).succeeded().at("/spec/replicas").asInt());
        ObjectNode whole = api.get(deployment).body();
        assertEquals(5, whole.at("/spec/replicas").asInt());
        assertEquals(2, whole.at("/metadata/generation").asInt());
    }

    @Test
    void staleScaleIsRefused() {
        ObjectNode stale = api.get(scale).body();
        api.merge(scale, "{'spec': {'replicas': 4}}").succeeded();
        Answer answer = api.put(scale, stale);
        assertEquals(409, answer.code());
        assertEquals(
                "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified;"
                        + " please apply your changes to the latest version and try again",
                answer.message());
    }

    @Test
    void scaleOfAnotherUidIsRefused() {
        ObjectNode other = api.get(scale).body();
        ((ObjectNode) other.path("metadata")).put("uid", "1-2-3").remove("resourceVersion");
        Answer answer = api.put(scale, other);
        assertEquals(409, answer.code());
        assertTrue(
                answer.message()
                        .startsWith(
                                "Operation cannot be fulfilled on deployments/scale.apps \"web\": Precondition failed:"
                                        + " UID in precondition: 1-2-3, UID in object meta: "),
                answer.message());
    }

    @Test
    void fewerThanNoneIsInvalid() {
        Answer answer = api.merge(scale, "{'spec': {'replicas': -1}}");
        assertEquals(422, answer.code());
        assertEquals(
                "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1:"
                        + " must be greater than or equal to 0",
                answer.message());
    }

    @Test
    void whatIsNotThereHasNoScale() {
        String gone = "/apis/apps/v1/namespaces/" + namespace + "/deployments/gone/scale";
        assertEquals("deployments.apps \"gone\" not found", api.get(gone).message());
        Answer written = api.merge(gone, "{'spec': {'replicas': 1}}");
        assertEquals(404, written.code());
        assertEquals("deployments/scale.apps \"gone\" not found", written.message());
    }

    @Test
    void appliedScaleIsManagedByWhoAppliedItAndConflictsWithOthers() {
        String config = "{'apiVersion': 'autoscaling/v1', 'kind': 'Scale', 'metadata': {'name': 'web'},"
                + " 'spec': {'replicas': %d}}";
        Answer refused = api.apply(scale, "hpa", config.formatted(7));
        assertEquals(409, refused.code());
        assertEquals(".spec.replicas", refused.text("/details/causes/0/field"));
        api.apply(scale, "hpa&force=true", config.formatted(7)).succeeded();
        ObjectNode whole = api.get(deployment).body();
        assertEquals(7, whole.at("/spec/replicas").asInt());
        JsonNode manager = manager(whole, "hpa");
        assertEquals("scale", manager.path("subresource").asText());
        assertEquals("apps/v1", manager.path("apiVersion").asText());
        assertEquals(
                "{\"f:spec\":{\"f:replicas\":{}}}", manager.path("fieldsV1").toString());
    }

    private static JsonNode manager(ObjectNode object, String name) {
        for (JsonNode manager : object.at("/metadata/managedFields")) {
            if (manager.path("manager").asText().equals(name)) {
                return manager;
            }
        }
        throw new AssertionError(name + " manages nothing in " + object);
    }

    @Test
    void dryRunLeavesTheDeploymentAlone() {
        assertEquals(
                9,
                api.merge(scale + "?dryRun=All", "{'spec': {'replicas': 9}}")
                        .succeeded()
                        .at("/spec/replicas")
                        .asInt());
        assertEquals(3, api.get(scale).at("/spec/replicas").asInt());
    }

    @Test
    void replicationControllersAreScaledByTheSameForm() {
        String controllers = "/api/v1/namespaces/" + namespace + "/replicationcontrollers";
        api.post(controllers, """
                        {'metadata': {'name': 'old'}, 'spec': {'replicas': 1, 'selector': {'b': '2', 'a': '1'},
                          'template': {'metadata': {'labels': {'a': '1', 'b': '2'}},
                                       'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}}}""").succeeded();
        Answer answer = api.merge(controllers + "/old/scale", "{'spec': {'replicas': 0}}")
                .succeeded();
        assertEquals("a=1,b=2", answer.text("/status/selector"));
        assertFalse(answer.at("/spec").has("replicas"));
        assertEquals(0, api.get(controllers + "/old").at("/spec/replicas").asInt(-1));
    }

    @Test
    void scaleIsShownInColumnsOfItsOwn() {
        Answer table = api.table(scale).succeeded();
        assertEquals("Table", table.text("/kind"));
        assertEquals(
                "[\"web\",3,0]",
                Json.array()
                        .add(table.at("/rows/0/cells/0"))
                        .add(table.at("/rows/0/cells/1"))
                        .add(table.at("/rows/0/cells/2"))
                        .toString());
        assertEquals("Desired", table.text("/columnDefinitions/1/name"));
        assertEquals("Available", table.text("/columnDefinitions/2/name"));
        assertEquals("Age", table.text("/columnDefinitions/3/name"));
    }

    @Test
    void scaleCannotBeCreatedOrDeleted() {
        assertEquals(405, api.delete(scale).code());
    }
}
