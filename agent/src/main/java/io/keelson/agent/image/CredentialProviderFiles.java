package io.keelson.agent.image;

import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where it is said which programs say who may pull images, and where these programs are.
 *
 * @param configuration a {@code CredentialProviderConfig}
 * @param folder with the programs
 */
public record CredentialProviderFiles(Path configuration, Path folder) {
    /**
     * Those programs.
     *
     * @throws IOException if the file, or one of the programs, is not there
     * @throws IllegalArgumentException if the file makes no sense; the message says where
     */
    public CredentialProviders read(Time time) throws IOException {
        return CredentialProviders.read(configuration, folder, time);
    }
}
