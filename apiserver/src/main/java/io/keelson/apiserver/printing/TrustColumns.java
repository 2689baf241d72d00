package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.resource.Column;
import java.util.List;

/** How the kinds are shown by which pods get certificates, and what they trust. */
public final class TrustColumns {
    public static final List<Column> BUNDLES = Columns.named()
            .text(
                    "SignerName",
                    "Whose certificates they are.",
                    o -> Texts.orNone(o.path("spec").path("signerName")))
            .list();

    public static final List<Column> POD_REQUESTS = Columns.named()
            .text("PodName", "Which pod it is for.", o -> specified(o, "podName"))
            .text("ServiceAccountName", "The account of that pod.", o -> specified(o, "serviceAccountName"))
            .text("NodeName", "Where that pod is.", o -> specified(o, "nodeName"))
            .text("SignerName", "Who is to sign.", o -> specified(o, "signerName"))
            .text("State", "How far it is.", TrustColumns::state)
            .list();

    private TrustColumns() {}

    private static String specified(JsonNode request, String field) {
        return request.path("spec").path(field).asText("");
    }

    private static String state(JsonNode request) {
        for (JsonNode condition : request.path("status").path("conditions")) {
            String type = condition.path("type").asText("");
            if (List.of("Issued", "Denied", "Failed").contains(type)) {
                return type;
            }
        }
        return "Pending";
    }
}
