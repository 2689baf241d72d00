package io.keelson.apiserver.admission.webhook;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What webhooks may answer, and what they may not. */
final class AdmissionReviewsTest {
    private static ObjectNode review(String response) {
        return Json.parseObject(
                ("{'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview', 'response': " + response + "}")
                        .replace('\'', '"')
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static Verdict answer(String response, boolean mutating) throws AdmissionReviews.InvalidException {
        return AdmissionReviews.answer(review(response), "v1", "u", mutating);
    }

    @Test
    void aPatchComesWithItsType() throws AdmissionReviews.InvalidException {
        Verdict verdict = answer(
                "{'uid': 'u', 'allowed': true, 'patch': 'W10=', 'patchType': 'JSONPatch', 'warnings': ['w'],"
                        + " 'auditAnnotations': {'a': 'b'}}",
                true);
        assertTrue(verdict.allowed());
        assertArrayEquals("[]".getBytes(StandardCharsets.UTF_8), verdict.patch());
        assertEquals(List.of("w"), verdict.warnings());
        assertEquals("b", verdict.annotations().get("a"));
    }

    @Test
    void whatIsNotSaidIsNotAllowed() throws AdmissionReviews.InvalidException {
        assertFalse(answer("{'uid': 'u'}", true).allowed());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "null | webhook response was absent",
                "7 | json: cannot unmarshal number into Go struct field",
                "{} | expected response.uid=\"u\", got \"\"",
                "{'uid': 7} | json: cannot unmarshal number",
                "{'uid': 'u', 'allowed': 'yes'} | json: cannot unmarshal string",
                "{'uid': 'u', 'patch': 'W10='} | webhook returned response.patch but not response.patchType",
                "{'uid': 'u', 'patchType': 'JSONPatch'} | webhook returned response.patchType but not response.patch",
                "{'uid': 'u', 'patch': '%%%', 'patchType': 'JSONPatch'} | illegal base64 data",
                "{'uid': 'u', 'patch': [1], 'patchType': 'JSONPatch'} | json: cannot unmarshal array",
                "{'uid': 'u', 'warnings': 'x'} | json: cannot unmarshal string",
                "{'uid': 'u', 'warnings': [1]} | json: cannot unmarshal number",
                "{'uid': 'u', 'auditAnnotations': {'a': 1}} | json: cannot unmarshal number",
                "{'uid': 'u', 'status': 'no'} | json: cannot unmarshal string",
            })
    void nonsenseIsNoAnswer(String response, String problem) {
        AdmissionReviews.InvalidException invalid =
                assertThrows(AdmissionReviews.InvalidException.class, () -> answer(response, true));
        assertTrue(invalid.message().startsWith(problem), invalid.message());
    }

    @Test
    void validatingWebhooksSendNoPatches() {
        assertEquals(
                "validating webhook may not return response.patch",
                assertThrows(
                                AdmissionReviews.InvalidException.class,
                                () -> answer("{'uid': 'u', 'patch': 'W10=', 'patchType': 'JSONPatch'}", false))
                        .message());
    }

    @Test
    void theOlderVersionIsNotLookedAtSoClosely() throws AdmissionReviews.InvalidException {
        ObjectNode review = review("{'allowed': true, 'patch': 'W10='}");
        Verdict verdict = AdmissionReviews.answer(review, "v1beta1", "u", true);
        assertEquals("JSONPatch", verdict.patchType());
        assertEquals(2, verdict.patch().length);
    }
}
