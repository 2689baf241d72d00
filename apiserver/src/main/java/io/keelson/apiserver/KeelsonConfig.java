package io.keelson.apiserver;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an embedded server is to be.
 *
 * @param folder where its store, keys and certificates are; null for nowhere that lasts
 * @param port on which port of loopback it listens; 0 for any that is free
 * @param admissionPlugins plugins that take part in admission besides those that do by default
 * @param clock what it takes for the time: what it writes into objects, and by which it tells how old they are
 */
public record KeelsonConfig(@Nullable Path folder, int port, List<String> admissionPlugins, InstantSource clock) {
    public KeelsonConfig {
        admissionPlugins = List.copyOf(admissionPlugins);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("no port " + port);
        }
    }

    /** A server that forgets everything when it is closed. */
    public static KeelsonConfig ephemeral() {
        return new KeelsonConfig(null, 0, List.of(), InstantSource.system());
    }

    /**
     * A server that has its data, keys and certificates in a folder, which is made if missing, and goes on with them when
     * it is started there again. One server at a time has a folder.
     */
    public static KeelsonConfig inFolder(Path folder) {
        return new KeelsonConfig(folder, 0, List.of(), InstantSource.system());
    }

    /** The same on a certain port. A kubeconfig that was made before a restart stays good only with one. */
    public KeelsonConfig withPort(int newPort) {
        return new KeelsonConfig(folder, newPort, admissionPlugins, clock);
    }

    /**
     * The same with these plugins of admission besides those that are on by default; as
     * {@code --enable-admission-plugins}.
     *
     * <p>{@code ServiceAccount}, which a kube-apiserver has by default, is on here only if it is among them. It refuses
     * Pods whose account is not there, and nobody makes the account {@code default} of a namespace where no controllers
     * run: who enables it makes the accounts that Pods need. While it is off, Pods are stored without an account, and
     * without the volume that has its token.
     *
     * @param plugins names, {@code ServiceAccount} for example; in the place of those that were given before
     */
    public KeelsonConfig withAdmissionPlugins(String... plugins) {
        return new KeelsonConfig(folder, port, List.of(plugins), clock);
    }

    /**
     * The same by another clock: a test moves it. Its certificates begin when it starts, and who connects looks at them by a
     * clock of the machine, so it must not be ahead of that then. What measures how long something takes, and what the store
     * lets go after some time, events for example, goes by the machine's clock in any case.
     */
    public KeelsonConfig withClock(InstantSource otherClock) {
        return new KeelsonConfig(folder, port, admissionPlugins, otherClock);
    }
}
