package io.keelson.apiserver.store;

import java.nio.file.Path;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The original, over the network. */
@Execution(ExecutionMode.CONCURRENT)
final class RealEtcdStoreTest extends EtcdStoreContract {
    @Override
    TestEtcd start(Path in) throws Exception {
        return TestEtcd.real(in);
    }
}
