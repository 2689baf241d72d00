package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.ClusterTrustBundleProjection;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundle;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The certificates of cluster trust bundles, for volumes. What was read is used for a minute. Several bundles become
 * one text with each certificate once, in the order of their content, so that the same set is always the same text.
 */
final class TrustBundles {
    private static final Duration AGE_MAX = Duration.ofMinutes(1);
    private static final int KNOWN_MAX = 64;
    private static final long LISTED_MAX = 500;
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]*)-----END CERTIFICATE-----");

    private final KubernetesClient client;
    private final Time time;
    private final Map<String, Read> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Read> eldest) {
            return size() > KNOWN_MAX;
        }
    };

    private record Read(List<String> bundles, Instant at) {}

    TrustBundles(KubernetesClient client, Time time) {
        this.client = client;
        this.time = time;
    }

    /**
     * What a volume is to have.
     *
     * @return empty if there is nothing and that is allowed
     * @throws VolumeException if there is nothing, or the API cannot say
     */
    byte[] of(ClusterTrustBundleProjection source) throws VolumeException {
        boolean optional = OrEmpty.of(source.getOptional());
        String name = OrEmpty.of(source.getName());
        String signer = OrEmpty.of(source.getSignerName());
        List<String> bundles = read(source, name, signer);
        if (bundles.isEmpty() && !optional) {
            throw new VolumeException(
                    name.isEmpty()
                            ? "combination of signerName and labelSelector matched zero ClusterTrustBundles"
                            : "clustertrustbundle \"" + name + "\" not found");
        }
        TreeSet<String> certificates = new TreeSet<>();
        for (String bundle : bundles) {
            Matcher matcher = CERTIFICATE.matcher(bundle);
            while (matcher.find()) {
                certificates.add(matcher.group(1).replaceAll("\\s", ""));
            }
        }
        StringBuilder text = new StringBuilder();
        for (String certificate : certificates) {
            byte[] der;
            try {
                der = Base64.getDecoder().decode(certificate);
            } catch (IllegalArgumentException e) {
                throw new VolumeException("a cluster trust bundle has a certificate that is not base64", e);
            }
            text.append("-----BEGIN CERTIFICATE-----\n")
                    .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der))
                    .append("\n-----END CERTIFICATE-----\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private List<String> read(ClusterTrustBundleProjection source, String name, String signer) throws VolumeException {
        String key = name + '|' + signer + '|' + source.getLabelSelector();
        Instant now = time.steady();
        synchronized (this) {
            Read read = known.get(key);
            if (read != null && now.isBefore(read.at.plus(AGE_MAX))) {
                return read.bundles;
            }
        }
        List<String> bundles;
        try {
            bundles = name.isEmpty() ? bySigner(source, signer) : byName(name);
        } catch (KubernetesClientException e) {
            throw new VolumeException("cluster trust bundles cannot be read: " + Refusals.message(e), e);
        }
        synchronized (this) {
            known.remove(key);
            known.put(key, new Read(bundles, now));
        }
        return bundles;
    }

    private List<String> byName(String name) {
        ClusterTrustBundle bundle =
                client.resources(ClusterTrustBundle.class).withName(name).get();
        return bundle == null ? List.of() : List.of(OrEmpty.of(bundle.getSpec().getTrustBundle()));
    }

    private List<String> bySigner(ClusterTrustBundleProjection source, String signer) {
        // A selector that is not there finds nothing; an empty one finds all.
        if (source.getLabelSelector() == null) {
            return List.of();
        }
        return client
                .resources(ClusterTrustBundle.class)
                .withLabelSelector(source.getLabelSelector())
                .withField("spec.signerName", signer)
                .list(new io.fabric8.kubernetes.api.model.ListOptionsBuilder()
                        .withLimit(LISTED_MAX)
                        .build())
                .getItems()
                .stream()
                .map(bundle -> OrEmpty.of(bundle.getSpec().getTrustBundle()))
                .toList();
    }
}
