package io.keelson.apiserver.admission.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.authz.Authorizer;

/** Lets only those publish the authorities of a signer who may attest for it. */
public final class ClusterTrustBundleAttest implements AdmissionPlugin {
    private final Signers signers;

    public ClusterTrustBundleAttest(Authorizer authorizer) {
        this.signers = new Signers(authorizer);
    }

    @Override
    public String name() {
        return "ClusterTrustBundleAttest";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode object = request.object();
        boolean concerned = (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE)
                && request.concerns("certificates.k8s.io", "clustertrustbundles");
        if (!concerned || object == null) {
            return;
        }
        String signer = Signers.nameIn(object);
        if (!signer.isEmpty() && !signers.mayActFor(request, "attest", signer)) {
            throw request.forbidden("user not permitted to attest for signerName \"" + signer + "\"");
        }
    }
}
