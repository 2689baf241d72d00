package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.store.ImageStore;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Commands about the images of the embedded runtime. */
@Command(
        name = "image",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Images of the embedded runtime.",
        subcommands = {
            ImageImportCommand.class,
            ImageListCommand.class,
            ImagePullCommand.class,
            ImageRemoveCommand.class,
            ImageExportCommand.class,
            ImagePruneCommand.class
        })
public final class ImageCommand implements Runnable {
    /** Where images are if nothing else is said. */
    public static final String DEFAULT_STORE = "/var/lib/keelson/images";

    @Option(
            names = "--store",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:KEELSON_IMAGE_STORE:-" + DEFAULT_STORE + "}",
            description = "Folder of the images; KEELSON_IMAGE_STORE says it, too (${DEFAULT-VALUE}).")
    private Path folder;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** What a command does with the store. */
    interface Work {
        void on(ImageStore store) throws IOException;
    }

    /** Does some work; what goes wrong is one line on standard error, and the exit code 1. */
    int with(CommandSpec command, Work work) {
        try (ImageStore store = ImageStore.open(folder)) {
            work.on(store);
            return 0;
        } catch (AccessDeniedException e) {
            return failed(command, e.getFile() + ": permission denied; images belong to root");
        } catch (ImageProblem e) {
            return failed(command, e.getMessage());
        } catch (IOException e) {
            return failed(command, e.toString());
        } finally {
            command.commandLine().getOut().flush();
        }
    }

    private static int failed(CommandSpec command, @Nullable String why) {
        command.commandLine().getErr().println("Error: " + why);
        command.commandLine().getErr().flush();
        return 1;
    }
}
