package io.keelson.dist.up;

import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.cri.RuntimeEndpoint;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says what a cluster has outside its folder where nobody would look for it: kubeconfig files elsewhere that it was written to, and
 * sockets of runtimes that were given. Lies in the folder; each is written down before it is used.
 */
final class OutsideFile {
    private static final String KUBECONFIG = "kubeconfig";
    private static final String RUNTIME = "runtime";

    private final Path folder;
    private final Path file;

    /** @param folder of the cluster */
    OutsideFile(Path folder) {
        this.folder = folder;
        file = folder.resolve("outside");
    }

    /** Writes down a kubeconfig; one in the folder goes with that. */
    void addKubeconfig(Path kubeconfig) throws IOException {
        Path path = kubeconfig.toAbsolutePath().normalize();
        if (!path.startsWith(folder)) {
            add(path.toString(), KUBECONFIG);
        }
    }

    /** Writes down a runtime as {@code --container-runtime-endpoint} names it; the embedded one is in the folder. */
    void addRuntime(String endpoint) throws IOException {
        if (!endpoint.equals(RuntimeChoice.EMBEDDED)) {
            add(RuntimeEndpoint.parse(endpoint).path(), RUNTIME);
        }
    }

    /** The kubeconfig files. */
    Set<Path> kubeconfigs() throws IOException {
        Set<Path> paths = new LinkedHashSet<>();
        named(KUBECONFIG).forEach(name -> paths.add(Path.of(name)));
        return paths;
    }

    /** The runtimes. */
    Set<RuntimeEndpoint> runtimes() throws IOException {
        Set<RuntimeEndpoint> endpoints = new LinkedHashSet<>();
        for (String name : named(RUNTIME)) {
            try {
                endpoints.add(new RuntimeEndpoint(name));
            } catch (IllegalArgumentException e) {
                throw damaged(e);
            }
        }
        return endpoints;
    }

    private Set<String> named(String kind) throws IOException {
        Properties entries = read();
        Set<String> names = new TreeSet<>(entries.stringPropertyNames());
        names.removeIf(name -> !kind.equals(entries.getProperty(name)) || name.indexOf('\0') >= 0);
        return names;
    }

    private void add(String name, String kind) throws IOException {
        Properties entries = read();
        if (kind.equals(entries.getProperty(name))) {
            return;
        }
        // Kubeconfig files that are gone would make it grow for ever.
        entries.stringPropertyNames().stream()
                .filter(each -> KUBECONFIG.equals(entries.getProperty(each)))
                .filter(each -> each.indexOf('\0') >= 0 || !Files.exists(Path.of(each)))
                .forEach(entries::remove);
        entries.setProperty(name, kind);
        WholeFile.write(file, entries);
    }

    private Properties read() throws IOException {
        Properties entries = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            entries.load(reader);
        } catch (NoSuchFileException e) {
            return entries;
        } catch (IllegalArgumentException e) {
            throw damaged(e);
        }
        return entries;
    }

    private IOException damaged(Exception why) {
        return new IOException(
                file + " is damaged: remove it; kubeconfig files elsewhere that lead to this cluster stay then", why);
    }
}
