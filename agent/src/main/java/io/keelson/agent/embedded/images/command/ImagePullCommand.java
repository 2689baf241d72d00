package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.registry.AuthFile;
import io.keelson.agent.embedded.images.registry.Credentials;
import io.keelson.agent.embedded.images.registry.Pull;
import io.keelson.agent.embedded.images.registry.RegistryHosts;
import io.keelson.agent.embedded.images.registry.RegistryLimits;
import io.keelson.agent.embedded.images.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code image pull}. */
@Command(name = "pull", mixinStandardHelpOptions = true, description = "Pulls images from registries.")
final class ImagePullCommand implements Callable<Integer> {
    @ParentCommand
    private ImageCommand parent;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Names, with a tag or a digest.")
    private List<String> names;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "Which, where there are several; this machine's unless said.")
    private @Nullable String platform;

    @Option(names = "--creds", paramLabel = "USER[:PASSWORD]", description = "Name and password at the registry.")
    private @Nullable String credentials;

    @Option(
            names = "--auth-file",
            paramLabel = "FILE",
            description = "Credentials as docker login writes them, in ~/.docker/config.json.")
    private @Nullable Path authFile;

    @Option(
            names = "--plain-http",
            paramLabel = "HOST[:PORT]",
            split = ",",
            description = "Registries that have no TLS; on this machine none is expected to.")
    private @Nullable Set<String> plainHosts;

    @Mixin
    private RegistryOption registries = new RegistryOption();

    @Override
    public Integer call() {
        return parent.with(spec, store -> {
            Platform wanted = platform == null ? Platform.ofThisMachine() : Platform.parse(platform);
            RegistryHosts hosts = registries.read().withPlain(plainHosts == null ? Set.of() : plainHosts);
            try (Pull pull = new Pull(store, RegistryLimits.DEFAULT, hosts)) {
                for (String name : names) {
                    Reference reference = Reference.parse(name);
                    PullBar bar = PullBar.of(spec.commandLine().getErr(), reference.toString());
                    StoredImage image;
                    try {
                        image = pull.pull(reference, wanted, credentials(reference), bar);
                    } finally {
                        bar.end();
                    }
                    spec.commandLine().getOut().println(reference + " " + image.id());
                }
            }
        });
    }

    private Credentials credentials(Reference image) throws IOException {
        if (credentials != null && authFile != null) {
            throw new ImageProblem(ImageProblem.Kind.INVALID, "--creds and --auth-file exclude each other");
        }
        if (authFile != null) {
            return AuthFile.read(authFile).of(image);
        }
        if (credentials == null) {
            return Credentials.NONE;
        }
        int colon = credentials.indexOf(':');
        if (colon > 0) {
            return Credentials.of(credentials.substring(0, colon), credentials.substring(colon + 1));
        }
        char[] typed = PullBar.terminal()
                .map(terminal -> terminal.readPassword("Password: "))
                .orElseThrow(() -> new ImageProblem(
                        ImageProblem.Kind.INVALID, "--creds has no password, and there is no terminal to ask"));
        return Credentials.of(credentials, new String(typed));
    }
}
