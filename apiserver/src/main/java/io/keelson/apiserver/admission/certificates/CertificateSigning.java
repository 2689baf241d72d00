package io.keelson.apiserver.admission.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.validation.SemanticEquality;

/** Lets only those answer a request for a certificate, with the certificate or otherwise, who may sign for its signer. */
public final class CertificateSigning implements AdmissionPlugin {
    private static final GroupResource POD_REQUESTS =
            new GroupResource("certificates.k8s.io", "podcertificaterequests");

    private final Signers signers;

    public CertificateSigning(Authorizer authorizer) {
        this.signers = new Signers(authorizer);
    }

    @Override
    public String name() {
        return "CertificateSigning";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode object = request.object();
        ObjectNode old = request.old();
        if (request.operation() != Operation.UPDATE || object == null || old == null || !signs(request, object, old)) {
            return;
        }
        String signer = Signers.nameIn(old);
        if (!signers.mayActFor(request, "sign", signer)) {
            throw request.forbidden("user not permitted to sign requests with signerName \"" + signer + "\"");
        }
    }

    private static boolean signs(AdmissionRequest request, ObjectNode object, ObjectNode old) {
        if (Signers.concernsSigningRequests(request, "status")) {
            return !isSame(object, old, "certificate") || !isSame(object, old, "conditions");
        }
        // Of a request for a pod's certificate, the whole status is the answer.
        return request.subresource().equals("status")
                && request.resource().name().equals(POD_REQUESTS)
                && !SemanticEquality.equal(object.path("status"), old.path("status"));
    }

    private static boolean isSame(ObjectNode object, ObjectNode old, String field) {
        return SemanticEquality.equal(
                object.path("status").path(field), old.path("status").path(field));
    }
}
