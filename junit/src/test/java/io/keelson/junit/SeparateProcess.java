package io.keelson.junit;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.apiserver.certs.Kubeconfig;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the same parameters as {@link KeelsonApi}, with the definitions of {@code crds/pages.yaml}, but the server is
 * a process of its own that is reached over the network: {@code keelson apiserver} with the store, keys and certificates
 * that it makes.
 */
final class SeparateProcess implements BeforeAllCallback, ParameterResolver {
    private static final Namespace OURS = Namespace.create(SeparateProcess.class);
    private static final String[] DEFINITIONS = {"crds/pages.yaml"};
    private static final long READY_SECONDS_MAX = 60;

    /** Something to be closed with the context it lies in. */
    private record Closing(Object value, Runnable ending) implements AutoCloseable {
        @Override
        public void close() {
            ending.run();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        server(context).define(SeparateProcess.class.getClassLoader(), DEFINITIONS);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == TestNamespace.class || type == KubernetesClient.class || type == ApiClient.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        SharedServer server = server(context);
        TestNamespace namespace = kept(
                context,
                TestNamespace.class,
                TestNamespace.class,
                () -> server.newNamespace(context.getRequiredTestMethod().getName()));
        if (type == TestNamespace.class) {
            return namespace;
        }
        return kept(context, type, Closing.class, () -> client(type, server, namespace))
                .value();
    }

    private static Closing client(Class<?> type, SharedServer server, TestNamespace namespace) throws IOException {
        if (type == KubernetesClient.class) {
            KubernetesClient client = Fabric8Client.of(server, namespace);
            return new Closing(client, client::close);
        }
        ApiClient client = OfficialClient.of(server, namespace);
        return new Closing(client, () -> OfficialClient.close(client));
    }

    private static SharedServer server(ExtensionContext context) {
        return kept(context.getRoot(), SharedServer.class, SharedServer.class, SeparateProcess::start);
    }

    /** How something is made. */
    @FunctionalInterface
    private interface Maker<T> {
        T make() throws IOException, InterruptedException;
    }

    @SuppressWarnings("deprecation") // JUnit 5 has no other
    private static <T> T kept(ExtensionContext context, Class<?> what, Class<T> type, Maker<T> maker) {
        return Objects.requireNonNull(context.getStore(OURS)
                .getOrComputeIfAbsent(
                        List.of(what, context.getUniqueId()),
                        _ -> {
                            try {
                                return maker.make();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                                throw new IllegalStateException(e);
                            }
                        },
                        type));
    }

    private static SharedServer start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("keelson-process");
        Path log = folder.resolve("log");
        Path kubeconfig = folder.resolve("kubeconfig");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ApiServerProgram.class.getName(),
                        "--bind-address=127.0.0.1",
                        "--secure-port=0",
                        "--embedded-store=" + folder.resolve("store"),
                        "--cert-dir=" + folder.resolve("pki"),
                        "--write-kubeconfig=" + kubeconfig)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
        while (!Files.readString(log).contains("Next: ")) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new IOException("the server does not come up:\n" + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return SharedServer.reached(Kubeconfig.read(kubeconfig), () -> stop(process, folder));
    }

    private static void stop(Process process, Path folder) throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new IOException("the server does not end when it is told to");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
