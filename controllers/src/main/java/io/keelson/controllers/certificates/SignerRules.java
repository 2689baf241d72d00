package io.keelson.controllers.certificates;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.x509.GeneralName;

/** What each signer demands of a request, as the API's documentation of signers has it. */
final class SignerRules {
    private static final String NODE_PREFIX = "system:node:";
    private static final List<String> NODES = List.of("system:nodes");
    private static final Set<String> KUBELET_CLIENT = Set.of("key encipherment", "digital signature", "client auth");
    private static final Set<String> KUBELET_SERVING = Set.of("key encipherment", "digital signature", "server auth");
    /** Keys of other kinds than RSA cannot encipher. */
    private static final String ONLY_RSA = "key encipherment";

    private SignerRules() {}

    /**
     * Checks a request.
     *
     * @throws CertificateRequestException if the signer does not sign such a one
     */
    static void check(Signer signer, RequestedCertificate request, Collection<String> usages)
            throws CertificateRequestException {
        switch (signer) {
            case KUBE_APISERVER_CLIENT -> client(usages);
            case KUBE_APISERVER_CLIENT_KUBELET -> kubeletClient(request, usages);
            case KUBELET_SERVING -> kubeletServing(request, usages);
            case LEGACY_UNKNOWN -> {
                // Whoever approves it answers for it.
            }
        }
    }

    private static void client(Collection<String> usages) throws CertificateRequestException {
        for (String usage : usages) {
            if (!KUBELET_CLIENT.contains(usage)) {
                throw new CertificateRequestException("invalid usage for client certificate: " + usage);
            }
        }
        if (!usages.contains("client auth")) {
            throw new CertificateRequestException("missing required usage for client certificate: client auth");
        }
    }

    /** A kubelet that wants to speak to the API as its node. */
    static void kubeletClient(RequestedCertificate request, Collection<String> usages)
            throws CertificateRequestException {
        ofNodes(request);
        deny(request, GeneralName.dNSName, "DNS");
        deny(request, GeneralName.rfc822Name, "Email");
        deny(request, GeneralName.iPAddress, "IP");
        deny(request, GeneralName.uniformResourceIdentifier, "URI");
        named(request);
        exactly(KUBELET_CLIENT, usages);
    }

    private static void kubeletServing(RequestedCertificate request, Collection<String> usages)
            throws CertificateRequestException {
        ofNodes(request);
        if (!request.hasName(GeneralName.dNSName) && !request.hasName(GeneralName.iPAddress)) {
            throw new CertificateRequestException("DNS or IP subjectAltName is required");
        }
        deny(request, GeneralName.rfc822Name, "Email");
        deny(request, GeneralName.uniformResourceIdentifier, "URI");
        exactly(KUBELET_SERVING, usages);
        named(request);
    }

    private static void ofNodes(RequestedCertificate request) throws CertificateRequestException {
        if (!request.organizations().equals(NODES)) {
            throw new CertificateRequestException("subject organization is not system:nodes");
        }
    }

    private static void named(RequestedCertificate request) throws CertificateRequestException {
        if (!request.commonName().startsWith(NODE_PREFIX)) {
            throw new CertificateRequestException("subject common name does not begin with system:node:");
        }
    }

    private static void deny(RequestedCertificate request, int kind, String name) throws CertificateRequestException {
        if (request.hasName(kind)) {
            throw new CertificateRequestException(name + " subjectAltNames are not allowed");
        }
    }

    private static void exactly(Set<String> required, Collection<String> usages) throws CertificateRequestException {
        Set<String> given = new TreeSet<>(usages);
        Set<String> withoutRsa = new TreeSet<>(required);
        withoutRsa.remove(ONLY_RSA);
        if (!given.equals(required) && !given.equals(withoutRsa)) {
            throw new CertificateRequestException(
                    "usages did not match [" + String.join(" ", new TreeSet<>(required)) + ']');
        }
    }
}
