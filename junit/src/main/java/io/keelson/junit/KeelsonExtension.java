package io.keelson.junit;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Starts the server and fills parameters; used through {@link KeelsonApi}. What it makes lies in the context it was made
 * for, a test's or a class's, and is closed with it; the server lies in the run's.
 */
public final class KeelsonExtension implements BeforeAllCallback, ParameterResolver {
    private static final Namespace OURS = Namespace.create(KeelsonExtension.class);

    /** Something to be closed with the context it lies in. */
    private record Closing(Object value, Runnable ending) implements AutoCloseable {
        @Override
        public void close() {
            ending.run();
        }
    }

    /** How something is made. */
    @FunctionalInterface
    private interface Maker<T> {
        T make() throws IOException, InterruptedException;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Class<?> testClass = context.getRequiredTestClass();
        String[] crds = AnnotationSupport.findAnnotation(testClass, KeelsonApi.class)
                .map(KeelsonApi::crds)
                .orElse(new String[0]);
        server(context).define(testClass.getClassLoader(), crds);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == TestNamespace.class
                || type == KubeconfigFile.class
                || type.getName().equals(Fabric8Client.TYPE)
                || type.getName().equals(OfficialClient.TYPE);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        SharedServer server = server(context);
        if (type == KubeconfigFile.class) {
            return server.kubeconfigFile();
        }
        TestNamespace namespace = namespace(context);
        if (type == TestNamespace.class) {
            return namespace;
        }
        return kept(context, type, Closing.class, () -> client(type, server, namespace))
                .value();
    }

    private static Closing client(Class<?> type, SharedServer server, TestNamespace namespace) throws IOException {
        if (type.getName().equals(Fabric8Client.TYPE)) {
            var client = Fabric8Client.of(server, namespace);
            return new Closing(client, client::close);
        }
        var client = OfficialClient.of(server, namespace);
        return new Closing(client, () -> OfficialClient.close(client));
    }

    private static SharedServer server(ExtensionContext context) {
        return kept(context.getRoot(), SharedServer.class, SharedServer.class, SharedServer::start);
    }

    private static TestNamespace namespace(ExtensionContext context) {
        String purpose = context.getTestMethod()
                .map(method -> method.getName())
                .orElseGet(() -> context.getRequiredTestClass().getSimpleName());
        SharedServer server = server(context);
        return kept(context, TestNamespace.class, TestNamespace.class, () -> server.newNamespace(purpose));
    }

    /** What lies in this very context; a store alone would also find what lies in those around it. */
    @SuppressWarnings("deprecation") // JUnit 5 has no other
    private static <T> T kept(ExtensionContext context, Class<?> what, Class<T> type, Maker<T> maker) {
        return Objects.requireNonNull(context.getStore(OURS)
                .getOrComputeIfAbsent(List.of(what, context.getUniqueId()), _ -> made(maker), type));
    }

    private static <T> T made(Maker<T> maker) {
        try {
            return maker.make();
        } catch (IOException e) {
            throw new ParameterResolutionException("Keelson: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ParameterResolutionException("Keelson: interrupted", e);
        }
    }
}
