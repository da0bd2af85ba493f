//! There and back between two threads over the engine's kind of queue, the other one spinning or parked.

use criterion::{Criterion, criterion_group, criterion_main};
use crossbeam::channel::{TryRecvError, bounded};

fn there_and_back(c: &mut Criterion) {
    for (name, spinning) in [("spinning", true), ("parked", false)] {
        let (question, questions) = bounded::<u64>(256);
        let (answer, answers) = bounded::<u64>(256);
        let other = std::thread::spawn(move || {
            loop {
                let received = match spinning {
                    true => questions.try_recv(),
                    false => questions.recv().map_err(|_| TryRecvError::Disconnected),
                };
                match received {
                    Ok(number) => drop(answer.try_send(number)),
                    Err(TryRecvError::Empty) => std::hint::spin_loop(),
                    Err(TryRecvError::Disconnected) => return,
                }
            }
        });
        c.bench_function(&format!("hop/there and back, {name}"), |b| {
            b.iter(|| {
                question.send(7).expect("the other thread listens");
                loop {
                    match answers.try_recv() {
                        Ok(number) => break number,
                        Err(_) => std::hint::spin_loop(),
                    }
                }
            });
        });
        drop(question);
        other.join().expect("the other thread ends with its queue");
    }
}

criterion_group!(benches, there_and_back);
criterion_main!(benches);
