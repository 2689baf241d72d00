package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCertificateProjection;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequest;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.certificates.CertificateKey;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.jspecify.annotations.Nullable;

/**
 * Certificates that a signer issues for a pod, each with a key that never leaves this node: asked for with a
 * PodCertificateRequest when a volume wants one, and again when its time to be renewed has come. Until a new one is
 * there the old one is used. Nothing is kept over a restart; then all are asked for anew. What a signer denies is not
 * asked again.
 *
 * <p>Any thread, but one at a time for a pod.
 */
final class PodCertificates {
    private static final int EXPIRATION_SECONDS = 86_400;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    /** Signers say themselves whose the key is. */
    private static final X500Name NOBODY = new X500Name(new RDN[0]);

    private static final long JITTER_MAX_MS = Duration.ofMinutes(5).toMillis();

    private final KubernetesClient client;
    private final Supplier<Node> node;
    private final Time time;
    private final Events events;
    private final Map<Key, Held> held = new HashMap<>();

    private record Key(String podUid, String volume, PodCertificateProjection source) {}

    private record Issued(String key, String chain, Instant renew) {}

    private record Asked(String key, String request) {}

    private static final class Held {
        private @Nullable Issued issued;
        private @Nullable Asked asked;
        private String refused = "";
    }

    PodCertificates(KubernetesClient client, Supplier<Node> node, Time time, Events events) {
        this.client = client;
        this.node = node;
        this.time = time;
        this.events = events;
    }

    /**
     * The files of a certificate by their paths. Waits a moment for the signer.
     *
     * @throws VolumeException if it is not issued yet, or will not be
     */
    Map<String, byte[]> of(Pod pod, String volume, PodCertificateProjection source)
            throws VolumeException, InterruptedException {
        Key name = new Key(pod.getMetadata().getUid(), volume, source);
        Held state;
        synchronized (this) {
            state = held.computeIfAbsent(name, key -> new Held());
        }
        try {
            advance(pod, source, state);
        } catch (KubernetesClientException e) {
            if (state.issued == null) {
                throw new VolumeException("a certificate for the pod cannot be asked for: " + Refusals.message(e), e);
            }
        }
        Issued issued = state.issued;
        if (issued == null) {
            throw new VolumeException(state.refused.isEmpty() ? "credential bundle is not issued yet" : state.refused);
        }
        Map<String, byte[]> files = new HashMap<>();
        put(files, source.getCredentialBundlePath(), issued.key + issued.chain);
        put(files, source.getKeyPath(), issued.key);
        put(files, source.getCertificateChainPath(), issued.chain);
        return files;
    }

    private static void put(Map<String, byte[]> files, @Nullable String path, String content) {
        if (path != null && !path.isEmpty()) {
            files.put(path, content.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void advance(Pod pod, PodCertificateProjection source, Held state)
            throws VolumeException, InterruptedException {
        if (!state.refused.isEmpty()) {
            return;
        }
        Issued issued = state.issued;
        if (state.asked == null && (issued == null || !time.instant().isBefore(issued.renew))) {
            state.asked = ask(pod, source);
        }
        Instant end = time.steady().plus(issued == null ? PATIENCE : Duration.ZERO);
        while (state.asked != null
                && !look(pod, state, state.asked)
                && time.steady().isBefore(end)) {
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    private Asked ask(Pod pod, PodCertificateProjection source) throws VolumeException {
        CertificateKey key = key(OrEmpty.of(source.getKeyType()));
        String namespace = pod.getMetadata().getNamespace();
        String accountName = pod.getSpec().getServiceAccountName();
        ServiceAccount account = client.serviceAccounts()
                .inNamespace(namespace)
                .withName(accountName)
                .get();
        if (account == null) {
            throw new VolumeException("serviceaccount \"" + accountName + "\" not found");
        }
        Node here = node.get();
        PodCertificateRequest request = new PodCertificateRequestBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withGenerateName("req-")
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .withSignerName(source.getSignerName())
                .withPodName(pod.getMetadata().getName())
                .withPodUID(pod.getMetadata().getUid())
                .withServiceAccountName(accountName)
                .withServiceAccountUID(account.getMetadata().getUid())
                .withNodeName(here.getMetadata().getName())
                .withNodeUID(here.getMetadata().getUid())
                .withMaxExpirationSeconds(
                        source.getMaxExpirationSeconds() == null
                                ? EXPIRATION_SECONDS
                                : source.getMaxExpirationSeconds())
                .withUnverifiedUserAnnotations(source.getUserAnnotations())
                .endSpec()
                .build();
        request.getSpec()
                .setAdditionalProperty(
                        "stubPKCS10Request", Base64.getEncoder().encodeToString(key.request(NOBODY, List.of())));
        return new Asked(
                key.pem(), client.resource(request).create().getMetadata().getName());
    }

    private static CertificateKey key(String type) throws VolumeException {
        try {
            return CertificateKey.generate(type);
        } catch (GeneralSecurityException e) {
            throw new VolumeException("a key of type " + type + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** Whether a request has come to an end. */
    private boolean look(Pod pod, Held state, Asked asked) {
        PodCertificateRequest request = client.resources(PodCertificateRequest.class)
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(asked.request)
                .get();
        if (request == null) {
            // Somebody has deleted it: the next one is asked for next time.
            state.asked = null;
            return true;
        }
        if (request.getStatus() == null) {
            return false;
        }
        for (Condition condition : OrEmpty.of(request.getStatus().getConditions())) {
            switch (condition.getType()) {
                case "Issued" -> {
                    Instant renew = Pods.time(request.getStatus().getBeginRefreshAt());
                    Duration jitter =
                            Duration.ofMillis(ThreadLocalRandom.current().nextLong(JITTER_MAX_MS));
                    state.issued = new Issued(
                            asked.key,
                            ended(OrEmpty.of(request.getStatus().getCertificateChain())),
                            renew == null ? time.instant().plusSeconds(EXPIRATION_SECONDS) : renew.plus(jitter));
                    state.asked = null;
                    return true;
                }
                case "Denied", "Failed" -> {
                    state.refused = "PodCertificateRequest was permanently %s: reason=\"%s\" message=\"%s\""
                            .formatted(
                                    "Denied".equals(condition.getType()) ? "denied" : "failed",
                                    condition.getReason(),
                                    condition.getMessage());
                    state.asked = null;
                    events.warning(pod, condition.getType(), state.refused);
                    return true;
                }
                default -> {
                    // Others do not end it.
                }
            }
        }
        return false;
    }

    private static String ended(String chain) {
        return chain.endsWith("\n") ? chain : chain + '\n';
    }

    /** Forgets a pod's. Right when repeated. */
    synchronized void forget(String podUid) {
        held.keySet().removeIf(key -> key.podUid.equals(podUid));
    }
}
