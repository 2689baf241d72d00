package io.keelson.apiserver.server;

import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.apiserver.certs.PkiNames;
import io.keelson.apiserver.certs.SigningKey;
import io.keelson.apiserver.services.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The keys and certificates of a server and of its cluster. */
final class ServerCertificates {
    private ServerCertificates() {}

    /** Reads or makes them: in the folder that the configuration names, or in one that goes when the server ends. */
    static ClusterPki open(ServerContext context) throws IOException {
        ApiServerConfig config = context.config();
        List<String> names = new ArrayList<>(List.of(InetAddress.getLocalHost().getHostName(), context.clientHost()));
        if (context.cluster().connections().serving().showsOther()) {
            names.add(ServingSettings.LOOPBACK);
        }
        Address own = AdvertisedAddress.find(
                config.cluster().advertiseAddress(),
                config.bindAddress(),
                ClusterUpkeep.ranges(config.serviceRange()).getFirst().family());
        if (own != null) {
            names.add(own.toString());
        }
        PkiNames shown = new PkiNames(
                "cluster.local",
                ClusterUpkeep.ranges(config.serviceRange()).stream()
                        .map(range -> range.first().toString())
                        .toList(),
                List.copyOf(names));
        Path folder = config.certificateFolder();
        if (folder != null) {
            return new PkiFolder(folder)
                    .open(shown, SigningKey.EC_P256, context.clock().instant());
        }
        Path temporary = Files.createTempDirectory("keelson-pki");
        context.part(() -> deleteFiles(temporary));
        return new PkiFolder(temporary)
                .open(shown, SigningKey.EC_P256, context.clock().instant());
    }

    private static void deleteFiles(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }
}
