package io.keelson.apiserver.proxy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the agents of nodes are reached.
 *
 * @param addressTypes which of a node's addresses to take, the best first
 * @param clientCertificate what is shown to them: a file; null for what the server has made itself
 * @param clientKey the key of that certificate
 * @param certificateAuthority whose certificates they may show: a file; null for anybody's
 * @param timeout for a connection to one
 * @param bytesPerSecondMax in each direction of a connection for exec, attach, port-forward or an upgraded proxy; 0 for no
 *     bound
 */
public record KubeletSettings(
        List<String> addressTypes,
        @Nullable Path clientCertificate,
        @Nullable Path clientKey,
        @Nullable Path certificateAuthority,
        Duration timeout,
        long bytesPerSecondMax) {
    public static final KubeletSettings DEFAULT = new KubeletSettings(
            List.of("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"),
            null,
            null,
            null,
            Duration.ofSeconds(5),
            0);

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public KubeletSettings {
        addressTypes = List.copyOf(addressTypes);
        for (String type : addressTypes) {
            if (!List.of("Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP")
                    .contains(type)) {
                throw new IllegalArgumentException(
                        "--kubelet-preferred-address-types: \"" + type + "\" is no type of addresses of nodes");
            }
        }
        if (bytesPerSecondMax < 0) {
            throw new IllegalArgumentException("--max-connection-bytes-per-sec can not be negative value");
        }
        if ((clientCertificate == null) != (clientKey == null)) {
            throw new IllegalArgumentException(
                    "--kubelet-client-certificate and --kubelet-client-key only go together");
        }
    }
}
