package io.keelson.dist;

import io.keelson.kvstore.cli.Console;
import io.keelson.kvstore.cli.KvCommandLine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Lists {@code kv} among the commands; its own flags are those of etcdctl and are read by its own command line. */
@Command(name = "kv", description = "A client of etcd v3 stores: what etcdctl offers. See keelson kv --help.")
final class KvCommand implements Callable<Integer> {
    @Unmatched
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        KvCommandLine.prepareProcess();
        return KvCommandLine.run(KvCommandLine.bytesOf(words), Console.ofProcess());
    }
}
