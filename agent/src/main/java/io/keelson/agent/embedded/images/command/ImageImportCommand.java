package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.archive.ImageImport;
import io.keelson.agent.embedded.images.store.StoredImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code image import}. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = "Takes images from files: OCI image layouts, as folders or archives, and what docker save writes;"
                + " archives may be compressed with gzip or zstd.")
final class ImageImportCommand implements Callable<Integer> {
    @ParentCommand
    private ImageCommand parent;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files or folders.")
    private List<Path> files;

    @Option(names = "--name", paramLabel = "NAME", description = "The image's name, where there is one image only.")
    private @Nullable String name;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "Which, where there are several; this machine's unless said.")
    private @Nullable String platform;

    @Override
    public Integer call() {
        return parent.with(spec, store -> {
            Platform wanted = platform == null ? Platform.ofThisMachine() : Platform.parse(platform);
            ImageImport taken = new ImageImport(store, wanted);
            for (Path file : files) {
                for (StoredImage image : taken.take(file, Optional.ofNullable(name))) {
                    spec.commandLine()
                            .getOut()
                            .println(
                                    image.tags().isEmpty()
                                            ? "Imported " + image.id()
                                            : "Imported " + String.join(", ", image.tags()));
                }
            }
        });
    }
}
