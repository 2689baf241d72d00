package io.keelson.apiserver.admission.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.authz.Authorizer;

/** Lets only those approve or deny a request for a certificate who may approve for its signer. */
public final class CertificateApproval implements AdmissionPlugin {
    private final Signers signers;

    public CertificateApproval(Authorizer authorizer) {
        this.signers = new Signers(authorizer);
    }

    @Override
    public String name() {
        return "CertificateApproval";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode object = request.object();
        boolean concerned = request.operation() == Operation.UPDATE
                && Signers.concernsSigningRequests(request, "approval")
                && object != null;
        if (!concerned || object == null) {
            return;
        }
        String signer = Signers.nameIn(object);
        if (!signers.mayActFor(request, "approve", signer)) {
            throw request.forbidden("user not permitted to approve requests with signerName \"" + signer + "\"");
        }
    }
}
