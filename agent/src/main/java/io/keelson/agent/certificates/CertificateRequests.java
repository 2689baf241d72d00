package io.keelson.agent.certificates;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.io.StringReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the signers of a cluster for certificates of a node, by CertificateSigningRequests, and waits for them. */
final class CertificateRequests {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateRequests.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(2);
    private static final int HTTP_TOO_MANY_REQUESTS = 429;

    private final KubernetesClient client;
    private final Time time;

    /**
     * What is asked for.
     *
     * @param signer {@code kubernetes.io/kubelet-serving} for one
     * @param usage {@code client auth} or {@code server auth}
     * @param node whose certificate it is to be
     * @param names besides the node's, of the machine
     */
    record Wish(String signer, String usage, String node, List<GeneralName> names) {
        Wish {
            names = List.copyOf(names);
        }

        /** The node as a user of the API. */
        X500Name subject() {
            return new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.O, "system:nodes")
                    .addRDN(BCStyle.CN, "system:node:" + node)
                    .build();
        }

        /** Those that keys of elliptic curves can have: they cannot encipher. */
        List<String> usages() {
            return List.of("digital signature", usage);
        }
    }

    CertificateRequests(KubernetesClient client, Time time) {
        this.client = client;
        this.time = time;
    }

    /**
     * The name of the request for a key: the same one each time, so that who asks again after a restart waits for the
     * same approval.
     */
    static String nameOf(CertificateKey key, Wish wish) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512/256");
            digest.update(key.pair().getPublic().getEncoded());
            digest.update(
                    (wish.subject() + "\n" + wish.signer() + "\n" + wish.usages()).getBytes(StandardCharsets.UTF_8));
            return "node-csr-" + Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has it", e);
        }
    }

    /**
     * Asks, and waits until it is issued. While the API cannot be reached it is tried again.
     *
     * @param name of the request, where the same may have been asked before; empty for a new one in any case
     * @param patience how long at most
     * @return certificates in PEM, that of the key first
     * @throws CertificateProblem if it is refused, or is not issued in time
     */
    String obtain(String name, CertificateKey key, Wish wish, Duration patience)
            throws CertificateProblem, InterruptedException {
        Instant end = time.steady().plus(patience);
        Duration pause = FIRST_PAUSE;
        String asked = "";
        String why = "nobody has approved it; kubectl certificate approve does";
        while (true) {
            try {
                if (asked.isEmpty()) {
                    asked = ask(name, key, wish);
                    LOG.info("waits for certificate signing request {} to be approved and issued", asked);
                }
                String issued = look(asked);
                if (!issued.isEmpty()) {
                    return issued;
                }
            } catch (KubernetesClientException e) {
                if (!mayPass(e)) {
                    throw new CertificateProblem("cannot create certificate signing request: " + said(e), e);
                }
                why = "the API cannot be asked: " + said(e);
                LOG.debug("a certificate is asked for again", e);
            }
            if (!time.steady().isBefore(end)) {
                throw new CertificateProblem(
                        asked.isEmpty()
                                ? "no certificate signing request could be made: " + why
                                : "certificate signing request " + asked + " was not issued within "
                                        + patience.toSeconds() + " s: " + why,
                        false);
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(3).dividedBy(2);
            pause = pause.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause;
        }
    }

    private static boolean mayPass(KubernetesClientException refusal) {
        return refusal.getCode() <= 0
                || refusal.getCode() == HTTP_TOO_MANY_REQUESTS
                || refusal.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR;
    }

    /** The deepest reason: the library's own words are often that an error has occurred. */
    private static String said(KubernetesClientException refusal) {
        return refusal.getCode() <= 0 && refusal.getCause() != null
                ? OrEmpty.of(refusal.getCause().toString())
                : Refusals.message(refusal);
    }

    private String ask(String name, CertificateKey key, Wish wish) throws CertificateProblem {
        byte[] request = key.request(wish.subject(), wish.names());
        String pem = CertificateKey.block("CERTIFICATE REQUEST", request);
        CertificateSigningRequest wanted = new CertificateSigningRequestBuilder()
                .withNewMetadata()
                .withName(name.isEmpty() ? null : name)
                .withGenerateName(name.isEmpty() ? "csr-" : null)
                .endMetadata()
                .withNewSpec()
                .withRequest(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)))
                .withSignerName(wish.signer())
                .withUsages(wish.usages())
                .endSpec()
                .build();
        try {
            return client.resource(wanted).create().getMetadata().getName();
        } catch (KubernetesClientException e) {
            if (name.isEmpty() || !Refusals.isAlreadyExists(e)) {
                throw e;
            }
        }
        CertificateSigningRequest found = get(name);
        if (found != null
                && (!isFor(found, key) || !wish.signer().equals(found.getSpec().getSignerName()))) {
            throw new CertificateProblem(
                    "certificate signing request " + name + " is there already and is another one: delete it", true);
        }
        return name;
    }

    private @Nullable CertificateSigningRequest get(String name) {
        return client.certificates()
                .v1()
                .certificateSigningRequests()
                .withName(name)
                .get();
    }

    private static boolean isFor(CertificateSigningRequest found, CertificateKey key) {
        byte[] pem = Base64.getDecoder().decode(OrEmpty.of(found.getSpec().getRequest()));
        try (PEMParser parser = new PEMParser(new StringReader(new String(pem, StandardCharsets.US_ASCII)))) {
            return parser.readObject() instanceof PKCS10CertificationRequest request
                    && Arrays.equals(
                            request.getSubjectPublicKeyInfo().getEncoded(),
                            key.pair().getPublic().getEncoded());
        } catch (IOException | RuntimeException e) {
            // Not even a request.
            return false;
        }
    }

    /** The certificates; empty while there are none. */
    private String look(String name) throws CertificateProblem {
        CertificateSigningRequest found = get(name);
        if (found == null) {
            throw new CertificateProblem(
                    "certificate signing request " + name + " was deleted before it was issued", true);
        }
        if (found.getStatus() == null) {
            return "";
        }
        boolean approved = false;
        for (CertificateSigningRequestCondition condition :
                OrEmpty.of(found.getStatus().getConditions())) {
            switch (condition.getType()) {
                case "Denied", "Failed" ->
                    throw new CertificateProblem(
                            "certificate signing request " + name
                                    + ("Denied".equals(condition.getType()) ? " is denied" : " failed") + ", reason: "
                                    + OrEmpty.of(condition.getReason()) + ", message: "
                                    + OrEmpty.of(condition.getMessage()),
                            true);
                case "Approved" -> approved = true;
                default -> {
                    // Others do not end it.
                }
            }
        }
        String certificate = OrEmpty.of(found.getStatus().getCertificate());
        return approved && !certificate.isEmpty()
                ? new String(Base64.getDecoder().decode(certificate), StandardCharsets.US_ASCII)
                : "";
    }
}
