package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.embedded.images.store.StoredImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code image rm}: a name goes, and with the last one the image, as {@code docker} has it. */
@Command(
        name = "rm",
        aliases = {"remove"},
        mixinStandardHelpOptions = true,
        description = "Removes images. One with several tags loses the one given; its id removes it with all of them."
                + " Containers keep what they stand on.")
final class ImageRemoveCommand implements Callable<Integer> {
    @ParentCommand
    private ImageCommand parent;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Names or ids.")
    private List<String> names;

    @Option(
            names = {"-f", "--force"},
            description = "One that is not there is no error.")
    private boolean force;

    @Override
    public Integer call() {
        return parent.with(spec, store -> {
            for (String name : names) {
                Optional<StoredImage> found = store.find(name);
                if (found.isPresent()) {
                    remove(store, name, found.get());
                } else if (!force) {
                    throw new ImageProblem(ImageProblem.Kind.NOT_FOUND, "image \"" + name + "\": not found");
                }
            }
        });
    }

    private void remove(ImageStore store, String name, StoredImage image) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Optional<String> tag = tag(name, image);
        if (tag.isPresent() && image.tags().size() > 1) {
            store.removeName(tag.get());
            out.println("Untagged: " + tag.get());
            return;
        }
        store.remove(image);
        image.tags().forEach(each -> out.println("Untagged: " + each));
        out.println("Deleted: " + image.id());
    }

    private static Optional<String> tag(String name, StoredImage image) {
        try {
            String full = Reference.parse(name).toString();
            return image.tags().contains(full) ? Optional.of(full) : Optional.empty();
        } catch (ImageProblem e) {
            // An id.
            return Optional.empty();
        }
    }
}
