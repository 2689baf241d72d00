package io.keelson.kvstore.cli;

import com.google.protobuf.MessageLite;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.client.ClientConfig;
import io.keelson.kvstore.client.KvClient;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of one command: what it was called with, and the client and the printer that its flags and the environment
 * ask for, made when they are first needed.
 */
final class Invocation implements AutoCloseable {
    private final Console console;
    private final Command command;
    private final Arguments arguments;
    private final List<String> raw;
    private @Nullable ClientConfig config;
    private @Nullable KvClient client;
    private @Nullable Printer printer;

    Invocation(Console console, Command command, Arguments arguments, List<String> raw) {
        this.console = console;
        this.command = command;
        this.arguments = arguments;
        this.raw = raw;
    }

    Console console() {
        return console;
    }

    Command command() {
        return command;
    }

    Arguments arguments() {
        return arguments;
    }

    List<String> words() {
        return arguments.words();
    }

    /** Ends the command with this text unless it was called with so many words. */
    void requireWords(int count, String otherwise) {
        if (words().size() != count) {
            throw CommandFailure.badArguments(otherwise);
        }
    }

    /** Everything after {@code keelson kv}, as it was typed. */
    List<String> raw() {
        return raw;
    }

    /** How to reach the cluster; checks the environment and the output format first, as etcdctl does. */
    ClientConfig config() {
        if (config == null) {
            config = ClientSettings.read(console, arguments);
            printer = Printer.of(arguments, console);
        }
        return config;
    }

    KvClient client() {
        if (client == null) {
            client = open(config());
        }
        return client;
    }

    /** Opens another client; refused credentials and unreachable servers are connection failures. */
    static KvClient open(ClientConfig config) {
        try {
            return KvClient.open(config);
        } catch (StatusRuntimeException e) {
            throw CommandFailure.of(ExitCode.BAD_CONNECTION, e);
        }
    }

    Printer printer() {
        config();
        if (printer == null) {
            throw new IllegalStateException("no printer");
        }
        return printer;
    }

    /** A deadline of {@code --command-timeout} from now. */
    Deadline deadline() {
        return Deadline.after(arguments.duration("command-timeout").toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Calls what changes nothing, within the command timeout; first checks what {@link #config} checks. */
    <Q extends MessageLite, R> R read(MethodDescriptor<Q, R> method, Q request) {
        KvClient connected = client();
        return connected.read(method, request, deadline());
    }

    /** Calls what changes something, once, within the command timeout; first checks what {@link #config} checks. */
    <Q extends MessageLite, R> R write(MethodDescriptor<Q, R> method, Q request) {
        KvClient connected = client();
        return connected.write(method, request, deadline());
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }
}
