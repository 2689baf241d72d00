package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.extensions.DefinitionConditions;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;

/** What a definition is told about itself: the names it has got, and whether its kind is served. */
final class DefinitionStatus {
    private static final String APPROVAL = "api-approved.kubernetes.io";

    private DefinitionStatus() {}

    static DefinedNames acceptedNames(JsonNode definition) {
        return DefinedNames.of(definition.path("status").path("acceptedNames"));
    }

    /**
     * Writes into a definition what was decided about its names. One that was established stays so, whatever it wants now.
     *
     * @param definition is changed
     */
    static void settle(ObjectNode definition, NameClaims.Judgement judgement, String now) {
        Fill.object(definition, "status")
                .set("acceptedNames", judgement.accepted().toJson());
        DefinitionConditions.set(
                definition,
                DefinitionConditions.NAMES_ACCEPTED,
                judgement.free(),
                judgement.reason(),
                judgement.message(),
                now);
        if (judgement.free()) {
            if (!DefinitionConditions.isTrue(definition, DefinitionConditions.ESTABLISHED)) {
                DefinitionConditions.set(
                        definition,
                        DefinitionConditions.ESTABLISHED,
                        true,
                        "InitialNamesAccepted",
                        "the initial names have been accepted",
                        now);
            }
        } else if (!DefinitionConditions.isTrue(definition, DefinitionConditions.ESTABLISHED)) {
            DefinitionConditions.set(
                    definition,
                    DefinitionConditions.ESTABLISHED,
                    false,
                    "NotAccepted",
                    "not all names are accepted",
                    now);
        }
        approval(definition, now);
    }

    /** Definitions in groups of the community say who has approved of them. */
    private static void approval(ObjectNode definition, String now) {
        String group = definition.path("spec").path("group").asText("");
        String approval = ObjectMeta.annotation(definition, APPROVAL);
        boolean community = group.equals("k8s.io")
                || group.equals("kubernetes.io")
                || group.endsWith(".k8s.io")
                || group.endsWith(".kubernetes.io");
        if (!community || approval == null) {
            return;
        }
        boolean approved = !approval.startsWith("unapproved");
        DefinitionConditions.set(
                definition,
                DefinitionConditions.APPROVED,
                approved,
                approved ? "ApprovedAnnotation" : "UnapprovedAnnotation",
                approved ? "approved in " + approval : "not approved: " + GoText.quoted(approval),
                now);
    }
}
