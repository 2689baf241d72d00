package io.keelson.agent.pods.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusPatchTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static Optional<JsonNode> patch(String before, String wanted) {
        return StatusPatch.of("u", json(before), json(wanted)).map(patch -> patch.get("status"));
    }

    @Test
    void whatIsSoAlreadyIsNotWritten() {
        String status = "{'phase': 'Running', 'conditions': [{'type': 'Ready', 'status': 'True'}]}";
        assertEquals(Optional.empty(), patch(status, status));
        assertEquals(
                Optional.empty(),
                patch(
                        "{'conditions': [{'type': 'Ready', 'status': 'True', 'lastProbeTime': null}]}",
                        "{'conditions': [{'type': 'Ready', 'status': 'True'}]}"));
    }

    @Test
    void onlyTheUidAndWhatDiffersAreSent() {
        assertEquals(
                json("{'metadata': {'uid': 'u'}, 'status': {'phase': 'Running'}}"),
                StatusPatch.of("u", null, json("{'phase': 'Running'}")).orElseThrow());
        assertEquals(
                Optional.of(json("{'phase': 'Failed', 'reason': 'Evicted', 'message': null}")),
                patch(
                        "{'phase': 'Running', 'message': 'm', 'hostIP': 'h'}",
                        "{'phase': 'Failed', 'reason': 'Evicted', 'hostIP': 'h'}"));
    }

    @Test
    void conditionsOfOthersAreNotWrittenBack() {
        assertEquals(
                Optional.of(json("{'conditions': [{'type': 'Ready', 'status': 'True', 'reason': null}]}")),
                patch(
                        "{'conditions': [{'type': 'Ready', 'status': 'False', 'reason': 'r'}, {'type': 'lb', 'status': 'True'}]}",
                        "{'conditions': [{'type': 'Ready', 'status': 'True'}]}"));
    }

    @Test
    void anOwnConditionThatIsOverIsDeleted() {
        assertEquals(
                Optional.of(json("{'conditions': [{'type': 'PodResizePending', '$patch': 'delete'}]}")),
                patch("{'conditions': [{'type': 'PodResizePending', 'status': 'True'}]}", "{'conditions': []}"));
    }

    @Test
    void addressesAreReplacedAsAWhole() {
        assertEquals(
                Optional.of(json("{'podIPs': [{'ip': 'b'}, {'$patch': 'replace'}]}")),
                patch("{'podIPs': [{'ip': 'a'}]}", "{'podIPs': [{'ip': 'b'}]}"));
    }

    @Test
    void whatOthersDecideIsLeftAlone() {
        assertEquals(Optional.empty(), patch("{'nominatedNodeName': 'n', 'resourceClaimStatuses': []}", "{}"));
    }
}
