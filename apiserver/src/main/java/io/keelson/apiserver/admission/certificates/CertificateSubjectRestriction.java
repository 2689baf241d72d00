package io.keelson.apiserver.admission.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.kinds.certificates.RequestSubject;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.request.UserInfo;

/** Lets nobody ask for a certificate by which its owner would be an administrator whom no role limits. */
public final class CertificateSubjectRestriction implements AdmissionPlugin {
    private static final String CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";

    @Override
    public String name() {
        return "CertificateSubjectRestriction";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode object = request.object();
        boolean concerned = request.operation() == Operation.CREATE && Signers.concernsSigningRequests(request, "");
        if (!concerned || object == null || !Signers.nameIn(object).equals(CLIENT_SIGNER)) {
            return;
        }
        RequestSubject subject;
        try {
            subject = RequestSubject.of(object);
        } catch (MalformedException e) {
            throw request.forbidden("failed to parse CSR: " + e.message());
        }
        if (subject.organizations().contains(UserInfo.MASTERS)) {
            throw request.forbidden(
                    "use of " + CLIENT_SIGNER + " signer with " + UserInfo.MASTERS + " group is not allowed");
        }
    }
}
