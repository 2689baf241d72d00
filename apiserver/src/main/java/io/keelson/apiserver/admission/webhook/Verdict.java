package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook has answered.
 *
 * @param result a {@code Status} that says why not; null if there is none
 * @param patch a JSON patch as it was sent; empty for none
 * @param patchType {@code JSONPatch}, or whatever it says
 * @param annotations for the audit log, without the webhook's name
 */
record Verdict(
        boolean allowed,
        @Nullable JsonNode result,
        byte[] patch,
        String patchType,
        List<String> warnings,
        Map<String, String> annotations) {
    Verdict {
        warnings = List.copyOf(warnings);
        annotations = Map.copyOf(annotations);
    }
}
