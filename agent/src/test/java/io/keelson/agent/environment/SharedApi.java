package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import io.keelson.controllers.runtime.ApiClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** An API server in this JVM that tests of variables and volumes share; each has a namespace of its own. */
public final class SharedApi {
    private static final AtomicInteger NAMESPACES = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private SharedApi() {}

    private static final class Server {
        private static final KeelsonServer RUNNING = start();

        private static KeelsonServer start() {
            try {
                return KeelsonServer.start(KeelsonConfig.ephemeral());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A client with an administrator's rights, the caller's to close. */
    public static KubernetesClient client() {
        return ApiClient.of(Config.fromKubeconfig(Server.RUNNING.kubeconfig().text()), List.of());
    }

    /** A client with the rights of a node, the caller's to close. */
    public static KubernetesClient node(String name) {
        Config administrator = Config.fromKubeconfig(Server.RUNNING.kubeconfig().text());
        return ApiClient.of(
                new ConfigBuilder(administrator)
                        .withImpersonateUsername("system:node:" + name)
                        .withImpersonateGroups("system:nodes", "system:authenticated")
                        .build(),
                List.of());
    }

    /** A namespace that nobody else has. */
    public static String namespace(KubernetesClient client) {
        String name = "agent-" + NAMESPACES.incrementAndGet();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** Returns when something is so; fails if it does not become so. */
    public static void await(String what, BooleanSupplier so) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
            Thread.sleep(10);
        }
    }
}
