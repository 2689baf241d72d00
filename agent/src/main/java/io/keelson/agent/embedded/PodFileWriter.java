package io.keelson.agent.embedded;

import io.keelson.agent.wire.cri.DNSConfig;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The small files of a pod that its containers see unless they mount others in their place. */
final class PodFileWriter {
    private PodFileWriter() {}

    static ContainerMounts.PodFiles files(Sandbox sandbox) {
        Path folder = sandbox.folder();
        Path shm = sandbox.namespaces().getIpc() == NamespaceMode.NODE ? Path.of("/dev/shm") : folder.resolve("shm");
        return new ContainerMounts.PodFiles(
                shm, folder.resolve("hostname"), folder.resolve("hosts"), folder.resolve("resolv.conf"));
    }

    static void write(Sandbox sandbox) throws IOException {
        PodSandboxConfig config = sandbox.config();
        ContainerMounts.PodFiles files = files(sandbox);
        write(files.hostname(), hostname(config) + "\n");
        write(files.hosts(), node("/etc/hosts"));
        DNSConfig dns = config.getDnsConfig();
        boolean own = dns.getServersCount() + dns.getSearchesCount() + dns.getOptionsCount() > 0;
        write(files.resolv(), own ? resolv(dns) : node("/etc/resolv.conf"));
    }

    /** The pod's host name, the node's for a pod that has none. */
    static String hostname(PodSandboxConfig config) throws IOException {
        return config.getHostname().isEmpty()
                ? node("/proc/sys/kernel/hostname").strip()
                : config.getHostname();
    }

    static String resolv(DNSConfig dns) {
        StringBuilder text = new StringBuilder();
        if (dns.getSearchesCount() > 0) {
            text.append("search ")
                    .append(String.join(" ", dns.getSearchesList()))
                    .append('\n');
        }
        dns.getServersList()
                .forEach(server -> text.append("nameserver ").append(server).append('\n'));
        if (dns.getOptionsCount() > 0) {
            text.append("options ")
                    .append(String.join(" ", dns.getOptionsList()))
                    .append('\n');
        }
        return text.toString();
    }

    private static String node(String path) throws IOException {
        Path file = Path.of(path);
        return Files.isReadable(file) ? Files.readString(file) : "";
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
