package io.keelson.apiserver.admission.policy;

import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.resource.GroupResource;
import java.util.Set;

/**
 * Requests that no policy is asked about: those for policies themselves, so that a bad one can always be mended, and the
 * questions by which the parts of a cluster find out who somebody is and what they may do.
 */
final class Exclusions {
    private static final String ADMISSION = "admissionregistration.k8s.io";
    private static final String AUTHENTICATION = "authentication.k8s.io";
    private static final String AUTHORIZATION = "authorization.k8s.io";

    private static final Set<GroupResource> EXCLUDED = Set.of(
            new GroupResource(ADMISSION, "mutatingadmissionpolicies"),
            new GroupResource(ADMISSION, "mutatingadmissionpolicybindings"),
            new GroupResource(ADMISSION, "validatingadmissionpolicies"),
            new GroupResource(ADMISSION, "validatingadmissionpolicybindings"),
            new GroupResource(AUTHENTICATION, "selfsubjectreviews"),
            new GroupResource(AUTHENTICATION, "tokenreviews"),
            new GroupResource(AUTHORIZATION, "localsubjectaccessreviews"),
            new GroupResource(AUTHORIZATION, "selfsubjectaccessreviews"),
            new GroupResource(AUTHORIZATION, "selfsubjectrulesreviews"),
            new GroupResource(AUTHORIZATION, "subjectaccessreviews"));

    private Exclusions() {}

    static boolean holdFor(AdmissionRequest request) {
        return EXCLUDED.contains(request.resource().name());
    }
}
