package io.keelson.kvstore.cli;

import java.io.File;
import java.io.IOException;
import java.util.Map;

/** Finds the program of a command as Go does, with its error texts. */
final class ProgramSearch {
    private ProgramSearch() {}

    static File find(String name, Map<String, String> environment) throws IOException {
        if (name.indexOf('/') >= 0) {
            File file = new File(name);
            if (!file.exists()) {
                throw new IOException("fork/exec " + name + ": no such file or directory");
            }
            if (!file.canExecute() || file.isDirectory()) {
                throw new IOException("fork/exec " + name + ": permission denied");
            }
            return file;
        }
        for (String folder : ByteText.split(environment.getOrDefault("PATH", ""), ':')) {
            File file = new File(folder.isEmpty() ? "." : folder, name);
            if (file.isFile() && file.canExecute()) {
                return file;
            }
        }
        throw new IOException("exec: " + GoQuote.quote(ByteText.ofText(name)) + ": executable file not found in $PATH");
    }
}
