#include "unit/wire/samples.hpp"

#include <variant>

namespace conclave::test {
namespace {

// All arms of a variant, filled; `names` has one for each.
template <class Variant>
std::vector<Sample<Variant>> arms(const std::vector<std::string>& names, std::uint64_t seed) {
  std::vector<Sample<Variant>> samples(std::variant_size_v<Variant>);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].name = names.at(i);
    Filler(Prng(seed).fork(i)).arm(samples[i].value, i);
  }
  return samples;
}

}  // namespace

std::vector<Sample<engine::Message>> messages(std::uint64_t seed) {
  auto samples = arms<engine::Message>(
      {"hello",   "refusal",      "goodbye",   "lockIn",    "lockedIn",      "commit",      "paxos",
       "forward", "forwardReply", "renew",     "renewAck",  "endFormer",     "readIndex",   "readIndexReply",
       "attach",  "imageRequest", "imagePart", "freshness", "statusRequest", "statusReply", "unknown"},
      seed);
  std::erase_if(samples, [](const auto& sample) { return sample.name == "paxos" || sample.name == "unknown"; });
  for (auto& [name, value] : arms<paxos::Message>({"preVote", "preVoteReply", "prepare", "promise", "refused", "accept",
                                                   "accepted", "chosen", "heartbeat", "fetch", "learn", "go"},
                                                  seed))
    samples.push_back({name, engine::Message(value)});
  return samples;
}

std::vector<Sample<engine::Frame>> frames(std::uint64_t seed) {
  std::vector<Sample<engine::Frame>> samples;
  for (auto& [name, value] : messages(seed)) {
    Sample<engine::Frame> sample{name, {}};
    Filler(Prng(seed)).value(sample.value.header);
    sample.value.messages.push_back(std::move(value));
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<Sample<engine::Datagram>> datagrams(std::uint64_t seed) {
  std::vector<Sample<engine::Datagram>> samples;
  for (auto& [name, body] :
       arms<gossip::Body>({"ping", "pingRequest", "ack", "nack", "join", "joinReply", "tell"}, seed)) {
    Sample<engine::Datagram> sample{name, {}};
    Filler(Prng(seed)).value(sample.value);
    sample.value.message.body = std::move(body);
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<Sample<engine::Record>> records(std::uint64_t seed) {
  return arms<engine::Record>(
      {"identity", "generation", "genesis", "promise", "accepted", "watermark", "peer", "voteLost", "session"}, seed);
}

std::vector<Sample<coordination::Command>> commands(std::uint64_t seed) {
  using namespace coordination;
  std::vector<Sample<Command>> samples;
  // The arms of the unions within are one sample each, in place of the one that holds them.
  for (auto& [name, command] : arms<Command>({"openSession", "submission", "judgement", "tick", "unknown"}, seed)) {
    if (auto* submission = std::get_if<Submission>(&command)) {
      for (auto& [op_name, op] :
           arms<Op>({"acquire", "cancel", "release", "handOver", "revoke", "apply", "closeSession", "unknown"}, seed)) {
        submission->op = std::move(op);
        if (op_name != "unknown") samples.push_back({op_name, command});
      }
    } else if (auto* judgement = std::get_if<Judgement>(&command)) {
      for (auto& [verdict_name, verdict] : arms<Verdict>({"endSessions", "ended"}, seed)) {
        judgement->verdict = std::move(verdict);
        samples.push_back({verdict_name, command});
      }
    } else if (name != "unknown") {
      samples.push_back({name, command});
    }
  }
  return samples;
}

coordination::Image image(std::uint64_t seed) {
  coordination::Image image;
  Filler{Prng(seed)}.value(image);
  return image;
}

}  // namespace conclave::test
