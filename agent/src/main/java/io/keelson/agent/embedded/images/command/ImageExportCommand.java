package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.archive.ImageExport;
import io.keelson.agent.embedded.images.bundled.BundledImages;
import io.keelson.agent.embedded.images.store.StoredImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code image export}. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes images to a tar in OCI's layout, which image import, docker load, ctr and podman take.")
final class ImageExportCommand implements Callable<Integer> {
    @ParentCommand
    private ImageCommand parent;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Names or ids.")
    private List<String> names;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The file to write.")
    private Path file;

    @Override
    public Integer call() {
        return parent.with(spec, store -> {
            List<StoredImage> images = new ArrayList<>();
            for (String name : names) {
                if (BundledImages.isOne(name) && store.find(name).isEmpty()) {
                    BundledImages.addTo(store)
                            .advice()
                            .ifPresent(spec.commandLine().getErr()::println);
                }
                images.add(store.get(name));
            }
            Path part = file.resolveSibling(file.getFileName() + ".part");
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                    new ImageExport(store).write(images, out);
                }
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                Files.deleteIfExists(part);
                throw e;
            }
        });
    }
}
