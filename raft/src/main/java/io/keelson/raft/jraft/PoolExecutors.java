package io.keelson.raft.jraft;

import com.alipay.sofa.jraft.util.concurrent.FixedThreadsExecutorGroup;
import com.alipay.sofa.jraft.util.concurrent.SingleThreadExecutor;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The executors that jraft would answer append requests on. Our transport answers them on the thread of their stream
 * instead, in order; what is left are the rare failures before sending, which run on the transport's pool. Without this,
 * jraft makes a pool of its own for them.
 */
final class PoolExecutors implements FixedThreadsExecutorGroup {
    private final SingleThreadExecutor executor;

    PoolExecutors(Executor pool) {
        this.executor = new SingleThreadExecutor() {
            @Override
            public void execute(Runnable task) {
                pool.execute(task);
            }

            @Override
            public boolean shutdownGracefully() {
                return true;
            }

            @Override
            public boolean shutdownGracefully(long timeout, TimeUnit unit) {
                return true;
            }
        };
    }

    @Override
    public SingleThreadExecutor next() {
        return executor;
    }

    @Override
    public void execute(int index, Runnable task) {
        executor.execute(task);
    }

    @Override
    public boolean shutdownGracefully() {
        return true;
    }

    @Override
    public boolean shutdownGracefully(long timeout, TimeUnit unit) {
        return true;
    }

    @Override
    public Iterator<SingleThreadExecutor> iterator() {
        return List.of(executor).iterator();
    }
}
