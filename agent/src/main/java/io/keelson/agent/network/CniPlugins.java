package io.keelson.agent.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs plugins: programs that are told what to do by their environment and on their input, and say on their output what came. */
final class CniPlugins {
    private static final int BUSY_TRIES = 5;
    private static final Duration BUSY_PAUSE = Duration.ofMillis(100);

    private final List<Path> folders;
    private final List<String> prefix;
    private final Duration time;

    /**
     * Those of some folders.
     *
     * @param prefix what each is started with, as to run in another namespace than this process
     * @param time how long each may take
     */
    CniPlugins(List<Path> folders, List<String> prefix, Duration time) {
        this.folders = List.copyOf(folders);
        this.prefix = List.copyOf(prefix);
        this.time = time;
    }

    /** What a plugin says that went wrong, by the number that the specification has for it. */
    static final class Failure extends IOException {
        private static final long serialVersionUID = 1;

        private final int code;

        Failure(int code, String message) {
            super(message);
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** What is to be done, by the specification's word for it. */
    enum Command {
        ADD,
        DEL,
        CHECK,
        GC,
        STATUS,
        VERSION
    }

    /**
     * Runs a plugin.
     *
     * @param sandbox whose network it is about; null if it is not about one
     * @param arguments names and values
     * @param settings what it reads
     * @return what it says; null if nothing
     * @throws Failure if it says that something went wrong
     * @throws IOException if it is not there, does not end, or says what is no JSON
     */
    @Nullable
    ObjectNode run(
            Command command, @Nullable SandboxAttachment sandbox, List<List<String>> arguments, ObjectNode settings)
            throws IOException, InterruptedException {
        String type = settings.path("type").asText();
        List<String> line = new ArrayList<>(prefix);
        line.add(find(type).toString());
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("CNI_COMMAND", command.name());
        environment.put(
                "CNI_PATH",
                String.join(
                        File.pathSeparator, folders.stream().map(Path::toString).toList()));
        environment.put("CNI_IFNAME", SandboxAttachment.INTERFACE);
        environment.put("CNI_CONTAINERID", sandbox == null ? "" : sandbox.id());
        environment.put(
                "CNI_NETNS",
                sandbox == null || sandbox.netns() == null
                        ? ""
                        : sandbox.netns().toString());
        environment.put(
                "CNI_ARGS",
                String.join(
                        ";",
                        arguments.stream().map(pair -> String.join("=", pair)).toList()));
        String what = "plugin type=\"" + type + "\" failed (" + word(command) + ")";
        BoundedProgram.Result result = run(line, environment, settings.toString(), what);
        if (result.code() != 0) {
            throw failure(what, result);
        }
        return result.output().isBlank() ? null : parse(what, result.output());
    }

    private static String word(Command command) {
        return switch (command) {
            case ADD -> "add";
            case DEL -> "delete";
            case CHECK -> "check";
            case GC -> "gc";
            case STATUS -> "status";
            case VERSION -> "version";
        };
    }

    private BoundedProgram.Result run(List<String> line, Map<String, String> environment, String input, String what)
            throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                return BoundedProgram.run(line, environment, input, time);
            } catch (IOException e) {
                // Somebody is putting a new one in its place.
                if (tries == BUSY_TRIES || !String.valueOf(e.getMessage()).contains("Text file busy")) {
                    throw new IOException(what + ": " + e.getMessage(), e);
                }
                Thread.sleep(BUSY_PAUSE);
            }
        }
    }

    private Path find(String type) throws IOException {
        for (Path folder : folders) {
            Path file = folder.resolve(type);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new IOException("failed to find plugin \"" + type + "\" in path " + folders
                + " (Debian: apt-get install containernetworking-plugins)");
    }

    private static Failure failure(String what, BoundedProgram.Result result) {
        try {
            JsonNode said = CniConfiguration.JSON.readTree(result.output());
            if (said != null && said.has("code")) {
                String details = said.path("details").asText("");
                return new Failure(
                        said.path("code").asInt(),
                        what + ": " + BoundedProgram.excerpt(said.path("msg").asText(""))
                                + (details.isEmpty() ? "" : "; " + BoundedProgram.excerpt(details)));
            }
        } catch (JsonProcessingException e) {
            return new Failure(
                    result.code(),
                    what + ": netplugin failed but error parsing its diagnostic message \""
                            + BoundedProgram.excerpt(result.output()) + "\": " + e.getOriginalMessage());
        }
        String errors = BoundedProgram.excerpt(result.errors());
        return new Failure(
                result.code(),
                what + ": netplugin failed with no error message: "
                        + (errors.isEmpty() ? "exit status " + result.code() : errors));
    }

    private static ObjectNode parse(String what, String output) throws IOException {
        try {
            if (CniConfiguration.JSON.readTree(output) instanceof ObjectNode said) {
                return said;
            }
        } catch (JsonProcessingException e) {
            throw new IOException(
                    what + ": its result is no JSON: " + e.getOriginalMessage() + ": " + BoundedProgram.excerpt(output),
                    e);
        }
        throw new IOException(what + ": its result is no JSON object: " + BoundedProgram.excerpt(output));
    }
}
