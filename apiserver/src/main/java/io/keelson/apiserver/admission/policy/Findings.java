package io.keelson.apiserver.admission.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a validating policy has found out about a request, with one parameter.
 *
 * @param decisions of its validations, in their order; none if it is not for the request
 * @param annotations for the audit log, by their keys
 * @param failures of annotations that could not be made, and had to be: each denies the write
 */
record Findings(List<Decision> decisions, Map<String, String> annotations, List<Decision.Deny> failures) {
    static final Findings NONE = new Findings(List.of(), Map.of(), List.of());

    Findings {
        decisions = List.copyOf(decisions);
        annotations = new LinkedHashMap<>(annotations);
        failures = List.copyOf(failures);
    }
}
