package io.keelson.apiserver.admission.certificates;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.resource.GroupResource;

/**
 * Whether somebody may act for a signer: that is permitted by a verb on {@code signers} of the group {@code
 * certificates.k8s.io}, by the signer's name or, for all signers of a domain, {@code domain/*}.
 */
record Signers(Authorizer authorizer) {
    private static final GroupResource SIGNERS = new GroupResource("certificates.k8s.io", "signers");

    /** @param verb {@code approve}, {@code sign} or {@code attest} */
    boolean mayActFor(AdmissionRequest request, String verb, String signer) {
        if (isAllowed(request, verb, signer)) {
            return true;
        }
        int slash = signer.indexOf('/');
        return isAllowed(request, verb, (slash < 0 ? signer : signer.substring(0, slash)) + "/*");
    }

    private boolean isAllowed(AdmissionRequest request, String verb, String name) {
        return authorizer
                .authorize(Attributes.ofResource(request.user(), verb, SIGNERS, "", "", name))
                .allowed();
    }

    static String nameIn(ObjectNode object) {
        return object.path("spec").path("signerName").asText("");
    }

    static boolean concernsSigningRequests(AdmissionRequest request, String subresource) {
        return request.subresource().equals(subresource)
                && request.resource().name().resource().equals("certificatesigningrequests")
                && request.resource().name().group().equals("certificates.k8s.io");
    }
}
