package io.keelson.kvstore.cli;

import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.StartFailure;
import io.keelson.kvstore.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Our server, in this process, at the places where an etcd is at other times: its ids are then the same. */
final class KeelsonServer implements StoreServer {
    private final Path folder;
    private final List<Place> places;
    private final List<KvServer> members = new ArrayList<>();

    KeelsonServer(Path folder, List<Place> places) {
        this.folder = folder;
        this.places = places;
    }

    @Override
    public String endpoint() {
        return Place.endpoints(places);
    }

    private KvServer launch(Place place) {
        List<String> flags = place.flags(places, folder.resolve(place.name()));
        flags.add("--unsafe-no-fsync");
        try {
            return KvServer.start(ServerConfig.of(flags.toArray(String[]::new)));
        } catch (StartFailure e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public void startAfresh() throws IOException {
        close();
        List<CompletableFuture<KvServer>> starts = new ArrayList<>();
        for (Place place : places) {
            EtcdServer.delete(folder.resolve(place.name()));
            starts.add(CompletableFuture.supplyAsync(
                    () -> launch(place), task -> Thread.ofPlatform().start(task)));
        }
        starts.forEach(start -> members.add(start.join()));
    }

    @Override
    public void close() {
        members.forEach(KvServer::close);
        members.clear();
    }
}
