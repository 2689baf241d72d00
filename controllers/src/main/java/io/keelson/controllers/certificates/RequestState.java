package io.keelson.controllers.certificates;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;

/** How far a request is. */
final class RequestState {
    private RequestState() {}

    /** Its conditions, in their order. */
    static List<CertificateSigningRequestCondition> conditions(CertificateSigningRequest request) {
        return request.getStatus() == null
                ? List.of()
                : OrEmpty.of(request.getStatus().getConditions());
    }

    /** Whether it has a condition of a type that holds; one that says nothing of that does, as those of old. */
    static boolean has(CertificateSigningRequest request, String type) {
        return conditions(request).stream()
                .anyMatch(condition -> type.equals(condition.getType())
                        && !"False".equals(condition.getStatus())
                        && !"Unknown".equals(condition.getStatus()));
    }

    /** Whether it may be signed: approved, and not denied as well. */
    static boolean isApproved(CertificateSigningRequest request) {
        return has(request, "Approved") && !has(request, "Denied");
    }

    /** The certificate in base64 of PEM; empty if there is none yet. */
    static String certificate(CertificateSigningRequest request) {
        return request.getStatus() == null ? "" : OrEmpty.of(request.getStatus().getCertificate());
    }
}
