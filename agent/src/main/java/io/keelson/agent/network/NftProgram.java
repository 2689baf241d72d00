package io.keelson.agent.network;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The program {@code nft}, which makes all that one text says, or nothing of it, in one namespace. Any thread. */
public final class NftProgram {
    private static final Duration TIME_MAX = Duration.ofSeconds(20);

    private final List<String> command;

    /** @param namespace the network namespace whose rules are meant; null for that of this process */
    public NftProgram(@Nullable Path namespace) {
        this(new NetworkNamespace(namespace));
    }

    NftProgram(NetworkNamespace namespace) {
        List<String> words = new ArrayList<>(namespace.prefix());
        words.addAll(List.of("nft", "-f", "-"));
        command = List.copyOf(words);
    }

    /**
     * Makes what the text says.
     *
     * @return the number of the process that did, which those who listen to changes of rules are told
     * @throws IOException if nothing of it was made, with what the program says; or if that is not known, as it did not end within
     *     20 seconds
     */
    public long run(String text) throws IOException, InterruptedException {
        BoundedProgram.Result result;
        try {
            result = BoundedProgram.run(command, null, text, TIME_MAX);
        } catch (IOException e) {
            throw new IOException(
                    "nft cannot be run, which the network of pods needs (Debian: apt-get install nftables): "
                            + e.getMessage(),
                    e);
        }
        if (result.code() != 0) {
            throw new IOException("nft: " + BoundedProgram.excerpt(result.errors()));
        }
        return result.process();
    }
}
